"""What a rule may ask: the project's settings, its live objects, its source, its places."""

from __future__ import annotations

import re
import sys
from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.conf import global_settings, settings

from django_scaleready.checks import in_force, live
from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.paths.origins import Origins
from django_scaleready.checks.declared import Declared
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.disk.leads import setting_lead
from django_scaleready.checks.known.celery_names import names_of
from django_scaleready.checks.places import Places, place_of_class
from django_scaleready.checks.reaching.turned_off import is_off
from django_scaleready.checks.reaching.uninstalled import LeftOut, left_out
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.root import find_root
from django_scaleready.checks.source import Source
from django_scaleready.checks.twins.difference import Difference
from django_scaleready.checks.witnessed import Seen
from django_scaleready.shapes import SHAPES, faults, usable

if TYPE_CHECKING:
    from django_scaleready.checks.services.view import Services

T = TypeVar("T")


class Project(Declared, Source):
    """One look at a project. Everything is read when first asked for, then kept.

    What cannot be read is left out and noted in ``unknown``.
    """

    def __init__(
        self, root: Path | None = None, *, celery: Any = None, ask_services: bool = False
    ) -> None:
        """Take the folder paths are relative to, by default the one that holds manage.py."""
        self.settings_module = str(getattr(settings, "SETTINGS_MODULE", None) or "")
        self.root = (root or find_root(self.settings_module)).resolve()
        self.deploy = Deployment(self.root)
        self.ask_services = ask_services
        self._celery = celery
        # What a witness saw, given by the command; None if nobody watched.
        self.witnessed: tuple[Seen, ...] | None = None
        self._noted: dict[Unknown, None] = {}

    @property
    def unknown(self) -> list[Unknown]:
        """What could not be decided so far, each once."""
        code = self.code.unknown if "code" in vars(self) else ()
        types = [unknown for found in self._misshapen.values() for unknown in found]
        return [*types, *self._noted, *self.deploy.unknown, *code]

    def known(self, pairs: Iterator[T | Unknown]) -> list[T]:
        """Keep what is known, and note the rest."""
        kept: list[T] = []
        for item in pairs:
            if isinstance(item, Unknown):
                self._noted[item] = None
            else:
                kept.append(item)
        return kept

    # The settings.

    def setting(self, name: str, default: Any = None) -> Any:
        """Return a setting's value, or Django's default for it, or ``default``.

        Of a value of the wrong type, what can be used.
        """
        value = getattr(settings, name, default)
        return self._usable(name, value) if name in self._misshapen else value

    @cached_property
    def _misshapen(self) -> dict[str, list[Unknown]]:
        """What is wrong with the types of settings, by setting."""
        found = {}
        for name in SHAPES:
            if wrong := list(faults(name, self._given(name))) if self.is_set(name) else ():
                found[name] = [Unknown(fault.setting, fault.problem) for fault in wrong]
        return found

    def _given(self, name: str) -> Any:
        return getattr(settings, name)

    @staticmethod
    def _usable(name: str, value: Any) -> Any:
        kept = usable(name, value)
        return getattr(global_settings, name) if kept is None else kept

    def is_set(self, name: str) -> bool:
        """Whether the project gives the setting a value, be it Django's default."""
        return bool(settings.is_overridden(name))  # type: ignore[misc]  # the stubs lack it

    def is_known(self, _: str) -> bool:
        """Whether the whole of a setting's value is known, be it Django's default."""
        return True

    def is_off(self, name: str, unset: bool, module: str = "") -> bool:
        """Whether a setting is off (see ``Source.is_off``)."""
        return is_off(self, name, unset, module)

    @cached_property
    def left_out(self) -> LeftOut:
        """The apps and the middleware that these settings do not take."""
        return left_out(self, self._sayers)

    def settings_named(self, *words: str) -> dict[str, Any]:
        """Return the settings whose name holds one of the words."""
        names = [n for n in dir(settings) if n.isupper() and any(w in n for w in words)]
        return {name: getattr(settings, name) for name in names if self.is_set(name)}

    @cached_property
    def places(self) -> Places:
        """The definitions in the settings modules."""
        return Places(self.settings_module, self.root)

    def where(self, name: str, *keys: Hashable) -> Location:
        """Return where a setting, or the entry below ``keys`` in it, got its value."""
        return self.places.where(name, *keys)

    def installed(self, app: str) -> bool:
        """Whether an app is in INSTALLED_APPS, by its name or its AppConfig."""
        return apps.is_installed(app)

    def imported(self, dotted: str) -> Any:
        """Return the object a setting names by dotted path; ImportError if there is none."""
        return live.imported(dotted)

    # What SCALEREADY declares about the ladder.

    @cached_property
    def ladder_declarations(self) -> list[in_force.Held]:
        """What is said of the ladder of time-outs anywhere, the strongest first."""
        return in_force.declarations(self)

    @cached_property
    def differences(self) -> list[Difference]:
        """What two fresh processes do not read alike in the settings."""
        # It starts processes, which a scan never does.
        from django_scaleready.checks.twins.compare import differences

        file = getattr(sys.modules.get(self.settings_module), "__file__", None)
        found = differences(self.settings_module, file) if file else []
        return self.known(iter([found] if isinstance(found, Unknown) else found))

    @cached_property
    def settings_files(self) -> frozenset[str]:
        """The paths of the settings modules; what they compute is the settings' affair."""
        return frozenset(definition.path for definition in [self.where("SECRET_KEY")])

    @property
    def slugs(self) -> Mapping[str, str]:
        """The slugs of all rules, with their ids."""
        return {rule.slug: rule.code for rule in RULES}

    @cached_property
    def origins(self) -> Origins:
        """Where paths in the code lead."""
        return Origins(self.code, partial(setting_lead, self))

    # The live objects.

    @cached_property
    def databases(self) -> list[live.Database]:
        """The entries of DATABASES."""
        return self.known(live.databases(self.setting("DATABASES") or {}))

    @cached_property
    def caches(self) -> dict[str, Any]:
        """The cache backends by alias."""
        return self._by_alias(live.cache_backends(list(self.setting("CACHES"))))

    def cache_entry(self, alias: str) -> dict[str, Any] | None:
        """Return an entry of CACHES; None if it cannot be told which options it has."""
        entry = self.setting("CACHES").get(alias)
        return entry if isinstance(entry, dict) else None

    @property
    def requests_are_atomic(self) -> bool:
        """Whether each request is a transaction by itself."""
        databases = self.setting("DATABASES")
        default = databases.get("default") if isinstance(databases, dict) else None
        return isinstance(default, dict) and default.get("ATOMIC_REQUESTS") is True

    @property
    def requests_make_revisions(self) -> bool:
        """Whether a request that may change something is django-reversion's transaction."""
        return "reversion.middleware.RevisionMiddleware" in (self.setting("MIDDLEWARE") or ())

    def is_older(self, package: str, *version: int) -> bool:
        """Whether the package that runs is surely of an older version."""
        # A scan has no use for it, and it takes long to import.
        from importlib import metadata

        try:
            runs = metadata.version(package)
        except metadata.PackageNotFoundError:
            return False
        numbers = re.match(r"\d+(\.\d+)*", runs)
        return numbers is not None and tuple(map(int, numbers[0].split("."))) < version

    @cached_property
    def storages(self) -> dict[str, Any]:
        """The storages for uploads, by alias."""
        return self._by_alias(live.storage_backends())

    def _by_alias(self, pairs: Iterator[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.known(iter(value for value in found.values() if isinstance(value, Unknown)))
        return {alias: v for alias, v in found.items() if not isinstance(v, Unknown)}

    @cached_property
    def handlers(self) -> list[Any]:
        """Every logging handler that some logger uses."""
        return list(live.handlers())

    def handlers_of(self, logger: str) -> list[Any]:
        """Return the handlers that get a logger's records, through propagation too."""
        return live.handlers_of(logger)

    @cached_property
    def mailers(self) -> list[live.Mailer]:
        """What sends mail."""
        return self.known(live.mailers(settings))

    @cached_property
    def file_fields(self) -> list[Any]:
        """The model fields that hold an upload."""
        return list(live.file_fields(apps.get_app_configs()))

    @cached_property
    def celery(self) -> Any | None:
        """The project's Celery app; None if it has none or it failed to import."""
        if self._celery is not None:
            return self._celery
        modules = [source.module for source, _ in self.celery_sites]
        apps_found = self.known(iter([live.celery_app(modules)]))
        return apps_found[0] if modules and apps_found else None

    @cached_property
    def celery_tasks(self) -> list[Any]:
        """The project's own Celery tasks."""
        lists = self.known(iter([live.celery_tasks(self.celery)])) if self.celery else []
        return lists[0] if lists else []

    def celery_symbol(self, dotted: Any) -> Any:
        """Return the class that a Celery setting names."""
        return live.celery_symbol(dotted)

    def celery_place(self, *keys: str) -> Location:
        """Return where the first of some Celery settings is given, else where the app is made."""
        names = names_of(*keys)
        if name := next((name for name in names if self.is_set(name)), None):
            return self.where(name)
        for source, fact in self.celery_sites:
            return Location(source.path, fact.line)
        return self.where(names[0])

    def celery_files(self, *keys: str) -> tuple[Location, ...]:
        """Return the files in which Celery settings that are given nowhere would stand."""
        if any(self.is_set(f"CELERY_{key.upper()}") for key in keys):
            return ()
        sites = [Location(source.path) for source, _ in self.celery_sites]
        return tuple(dict.fromkeys([self.where(f"CELERY_{keys[0].upper()}"), *sites]))

    @cached_property
    def pages(self) -> frozenset[str] | None:
        """The modules that the project's views are written in; None if that is not known."""
        from django_scaleready.checks.weight.pages import page_modules

        found = self.known(iter([attempt("ROOT_URLCONF", page_modules)]))
        return found[0] if found else None

    # The live services.

    @cached_property
    def services(self) -> Services:
        """What the databases and Redis servers say, unless they may not be asked."""
        from django_scaleready.checks.services.view import Services, ask

        return ask(self) if self.ask_services else Services()

    def place_of_class(self, cls: type) -> Location:
        """Return where a class is written; its module as a whole if it is not the project's."""
        return place_of_class(cls, self.root, self.code)
