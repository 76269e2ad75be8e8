"""A project that is only read: the same questions as ``Project``, answered without importing it."""

from __future__ import annotations

import ast
from collections.abc import Hashable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

from django.conf import global_settings

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.in_force import Held
from django_scaleready.checks.known.classes import Named
from django_scaleready.checks.live import Database, Mailer
from django_scaleready.checks.places import relative
from django_scaleready.checks.project import Project
from django_scaleready.checks.static import logs, mail, stand_ins
from django_scaleready.checks.static.atomic import requests_are_atomic
from django_scaleready.checks.static.celery import static_celery, tasks
from django_scaleready.checks.static.differing import differing
from django_scaleready.checks.static.given.declared import StaticDeclared, fault
from django_scaleready.checks.static.reader.definitions import Settings
from django_scaleready.checks.static.reader.others import Others
from django_scaleready.checks.static.reader.places import StaticPlaces, place
from django_scaleready.checks.static.values import undecided
from django_scaleready.checks.static.values.known import ATTRIBUTES, named
from django_scaleready.checks.static.versions import WITHOUT_OLD_STORAGES, asks_older, least_django
from django_scaleready.checks.twins.difference import Difference

DEFAULT_STORAGE = "django.core.files.storage.FileSystemStorage"
# Who imports django.tasks has a Django that brings it, or django-tasks, with the same default.
LATER = {"TASKS": {"default": {"BACKEND": "django.tasks.backends.immediate.ImmediateBackend"}}}
# What only some rules read, and what no rule can say anything about without.
DECISIVE = ("CACHES", "DATABASES", "INSTALLED_APPS", "LOGGING", "MIDDLEWARE", "STORAGES")
# Django fills in one that refuses to connect; but a part of the entry may be computed.
NO_ENGINE = "gives it no ENGINE that can be read; without one Django connects to nothing"
NOT_HERE = "may have it from a package that is not here, which can set any name"


class StaticProject(StaticDeclared, Project):
    """One settings module of a repository, with the code beside it."""

    # What tells of modules that are no settings of Django's, if they may be read.
    others: Others | None = None

    def __init__(self, root: Path, code: Codebase, module: Path, settings: Settings) -> None:
        """Take the repository, its code, and what the settings module was read to be."""
        self._settings = settings
        self._module = module
        # Not the base class's: that asks Django's settings, and there are none here.
        self.root = root
        self.settings_module = relative(module, root)
        self.code = code
        self.deploy = Deployment(root)
        self._noted = {}
        for path, problem in settings.problems:
            unread = Unknown(
                relative(path, self.root), f"the settings could not be read: {problem}"
            )
            self._noted[unread] = None
        for name in DECISIVE:
            if settings.names.get(name) is undecided.UNDECIDED:
                self._note(name)
        if wrong := fault(self._declared):
            self._noted[wrong] = None

    def _note(self, subject: str, reason: str = "") -> None:
        said = reason or "computes it, so only running it would tell"
        self._noted[Unknown(subject, f"{self.settings_module} {said}")] = None

    # The settings.

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting's value, or Django's default for it, or ``default``."""
        value = undecided.decided(self._settings.names.get(name, undecided.UNDECIDED))
        if undecided.is_open(value):
            return getattr(global_settings, name, LATER.get(name, default))
        return self._usable(name, value) if name in self._misshapen else value

    def _given(self, name: str) -> Any:
        value = undecided.plain(self._settings.names.get(name))
        if value is undecided.UNDECIDED:
            written = self._settings.definitions[name][-1].value
            is_none = isinstance(written, ast.Constant) and written.value is None
            return None if is_none else getattr(global_settings, name, "")
        return value

    def is_set(self, name: str) -> bool:
        """Whether the settings module gives the setting a value, known or not."""
        return name in self._settings.definitions and name in self._settings.names

    def is_known(self, name: str) -> bool:
        """Whether the whole of a setting's value is known, be it Django's default."""
        if not self.is_set(name):
            return not self._settings.is_open
        value = self._settings.names[name]
        parts = value if isinstance(value, list | tuple) else [value]
        return not any(undecided.is_open(part) for part in parts)

    def is_off_in(self, module: str, name: str) -> bool:
        """Whether a module has an option off by all that is written: ``SENDS = False``."""
        return self.others is not None and self.others.is_off(module, name)

    def is_variable(self, name: str) -> bool:
        """Whether a setting is computed; a file not kept here may override what is written."""
        given = self._settings.definitions.get(name.partition(".")[0], ())
        return any(not isinstance(each.value, ast.Constant) for each in given[-1:])

    def settings_named(self, *words: str) -> dict[str, Any]:
        """Return the settings whose name holds one of the words."""
        names = [n for n in self._settings.names if n.isupper() and any(w in n for w in words)]
        return {name: self.setting(name) for name in names if self.is_set(name)}

    @cached_property
    def places(self) -> StaticPlaces:
        """The assignments of the settings module."""
        return StaticPlaces(self._settings.definitions)

    def where(self, name: str, *keys: Hashable) -> Location:
        """Return where a setting, or the entry below ``keys`` in it, got its value."""
        optional = [each for _, each in self._settings.optional]
        if found := place([self._settings.definitions, *optional], name, keys, self.root):
            return found
        apps = self._settings.definitions.get("INSTALLED_APPS")
        return Location(relative(apps[0].path if apps else self._module, self.root))

    def installed(self, app: str) -> bool:
        """Whether an app is in INSTALLED_APPS, by its name or its AppConfig."""
        names = self.setting("INSTALLED_APPS") or ()
        return any(
            isinstance(name, str) and (name == app or name.startswith(f"{app}.apps."))
            for name in names
        )

    def imported(self, dotted: str) -> Any:
        """Return the class a setting names, by name, with what it has from its bases."""
        known = (ATTRIBUTES[c] for c in self.code.ancestors(str(dotted)) if c in ATTRIBUTES)
        return self._named(str(dotted), **next(known, {}))

    def _named(self, dotted: str, **attributes: object) -> Named:
        return named(dotted, self.code.ancestors, **attributes)

    @cached_property
    def settings_files(self) -> frozenset[str]:
        """The paths of the settings modules."""
        return frozenset(relative(path, self.root) for path in self._settings.files)

    @cached_property
    def ladder_declarations(self) -> list[Held]:
        """None: what holds of the ladder shows in a running project."""
        return []

    @cached_property
    def differences(self) -> list[Difference]:
        """The settings that are surely not the same in two processes, by the calls they make."""
        return list(differing(self._settings))

    @cached_property
    def pages(self) -> None:
        """Not known: to tell, the URLconf would have to run."""

    # What stands for the live objects.

    @cached_property
    def databases(self) -> list[Database]:
        """The entries of DATABASES."""
        found = []
        for alias, config in self._aliases("DATABASES"):
            engine = config.get("ENGINE")
            if not isinstance(engine, str):
                # An empty entry is Django's way to say that there is no such database.
                if config:
                    computed = config.keys() & {"ENGINE", undecided.UNDECIDED}
                    self._note(f"DATABASES[{alias!r}]", "" if computed else NO_ENGINE)
                continue
            entry = {**stand_ins.DATABASE, **undecided.decided(config)}
            found.append(Database(alias, stand_ins.vendor(engine), entry))
        return found

    def _aliases(self, name: str) -> Iterator[tuple[str, dict[str, Any]]]:
        value = self._settings.names.get(name)
        if not isinstance(value, dict):
            # Django has no database without the setting, and it cannot be told from here.
            value = {} if undecided.is_open(value) else self.setting(name) or {}
        for alias, config in value.items():
            if isinstance(config, dict):
                yield str(alias), config
            elif undecided.is_open(config):
                self._note(name if alias is undecided.UNDECIDED else f"{name}[{alias!r}]")

    @cached_property
    def caches(self) -> dict[str, Any]:
        """The cache backends by alias."""
        return {
            alias: self._named(
                config["BACKEND"],
                **({"_dir": config["LOCATION"]} if isinstance(config.get("LOCATION"), str) else {}),
            )
            for alias, config in self._aliases("CACHES")
            if isinstance(config.get("BACKEND"), str)
        }

    def cache_entry(self, alias: str) -> dict[str, Any] | None:
        """Return an entry of CACHES; None if it cannot be told which options it has."""
        entry = dict(self._aliases("CACHES")).get(alias)
        return entry if undecided.has_known_keys(entry) else None

    @property
    def requests_are_atomic(self) -> bool:
        """Whether each request is a transaction by itself, whatever database it is in."""
        return super().requests_are_atomic or requests_are_atomic(
            self._settings, self.code, self.root
        )

    def is_older(self, package: str, *version: int) -> bool:
        """Whether files of the repository ask for nothing but older versions of a package."""
        return self.code.once(asks_older, self.root, package, version)

    @cached_property
    def storages(self) -> dict[str, Any]:
        """The storages for uploads, by alias."""
        value = self._settings.names.get("STORAGES")
        configs = {a: c for a, c in self._aliases("STORAGES") if a != "staticfiles"}
        old = None if self._ignores_old_storages else self.setting("DEFAULT_FILE_STORAGE")
        if value is None or (old and self.is_set("DEFAULT_FILE_STORAGE")):
            configs["default"] = {"BACKEND": old or DEFAULT_STORAGE}
        found = {}
        for alias, config in configs.items():
            options = config.get("OPTIONS") if isinstance(config.get("OPTIONS"), dict) else {}
            folder = (options or {}).get("location") or self.setting("MEDIA_ROOT")
            if isinstance(config.get("BACKEND"), str):
                found[alias] = self._named(config["BACKEND"], location=str(folder or ""))
        return found

    @cached_property
    def _ignores_old_storages(self) -> bool:
        """Whether the Django that the project asks for knows STORAGES alone."""
        if not self.is_set("DEFAULT_FILE_STORAGE"):
            return False
        return (least_django(self.root, self.code.listed) or (0, 0)) >= WITHOUT_OLD_STORAGES

    @cached_property
    def file_fields(self) -> list[Any]:
        """The model fields that hold an upload."""
        return list(stand_ins.file_fields(self.code, self.storages.get("default")))

    def place_of_class(self, cls: Any) -> Location:
        """Return where a model's field stands."""
        is_read = isinstance(cls, stand_ins.StaticModel)
        return cls.location if is_read else super().place_of_class(cls)

    @cached_property
    def handlers(self) -> list[Any]:
        """The logging handlers that some logger uses."""
        return logs.handlers(self._logging, self._named)

    def handlers_of(self, logger: str) -> list[Any]:
        """Return the handlers that get a logger's records; none where code configures logging."""
        if not self.is_set("LOGGING"):
            if not self.is_known("LOGGING"):
                self._note("LOGGING", NOT_HERE)
                return []
            if any(self.code.facts("log-config")):
                self._note("LOGGING")
                return []
        return logs.handlers_of(self._logging, logger, self._named)

    @property
    def _logging(self) -> dict[str, Any] | None:
        value = self._settings.names.get("LOGGING", {})
        configured = self.setting("LOGGING_CONFIG", "logging.config.dictConfig")
        return undecided.decided(value) if isinstance(value, dict) and configured else None

    @cached_property
    def mailers(self) -> list[Mailer]:
        """What sends mail, also where an optional variable has to name the relay."""
        return mail.all_mailers(self._settings, self._named, self.root)

    @cached_property
    def celery(self) -> Any | None:
        """A Celery app with the project's settings, None if the project has none."""
        return static_celery(self)

    def celery_symbol(self, dotted: Any) -> Any:
        """Return the class that a Celery setting names, by name; an alias stays one."""
        return self._named(str(dotted).replace(":", "."))

    @cached_property
    def celery_tasks(self) -> list[Any]:
        """The project's own Celery tasks."""
        return [stand_ins.StaticTask(*fact.data[:4]) for fact in tasks(self)]
