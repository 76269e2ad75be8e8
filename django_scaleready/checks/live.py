"""The objects that the settings lead to, as they are in this process.

Django's own are imported where they are asked for: a scan asks for none, and importing Django's
models takes longer than reading a small project.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django import VERSION
from django.utils.module_loading import import_string

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.known.classes import is_a, name_of

if TYPE_CHECKING:
    from django.db import models

# What a container reads: writing there is writing to stdout.
DEBUG_ONLY = "django.utils.log.RequireDebugTrue"
OURS = "django_scaleready.logs.handlers.OutputHandler"
# What Django fills in for an entry that names none.
DUMMY = "django.db.backends.dummy"
STDOUT_PATHS = ("/dev/", "/proc/")


@dataclass(frozen=True, slots=True)
class Mailer:
    """A way to send mail, and the setting (with the keys in it) that names it.

    ``chosen_at``: where a variable chooses it in place of another.
    """

    backend: type
    timeout: float | None
    file_path: str | None
    setting: tuple[str, ...]
    chosen_at: Location | None = None


@dataclass(frozen=True, slots=True)
class Database:
    """One entry of DATABASES with Django's defaults filled in."""

    alias: str
    vendor: str
    config: dict[str, Any]

    @property
    def options(self) -> dict[str, Any]:
        """``OPTIONS``."""
        options: dict[str, Any] = self.config.get("OPTIONS") or {}
        return options

    @property
    def pooled(self) -> bool:
        """Whether psycopg's pool bounds the connections of a process."""
        return bool(self.options.get("pool"))


def databases(configured: dict[str, Any]) -> Iterator[Database | Unknown]:
    """Yield the databases; nothing connects."""
    if not configured:
        # Django would fill in one that it cannot connect to.
        return
    from django.db.utils import ConnectionHandler, load_backend

    handler = ConnectionHandler(configured)
    for alias, config in handler.settings.items():
        engine = config["ENGINE"]
        backend = attempt(f"DATABASES[{alias!r}]", load_backend, engine)
        if isinstance(backend, Unknown):
            yield backend
        elif engine == DUMMY and any(config.get(key) for key in ("NAME", "HOST", "USER")):
            yield Unknown(
                f"DATABASES[{alias!r}]", "it has no ENGINE, so Django connects to nothing"
            )
        else:
            yield Database(alias, backend.DatabaseWrapper.vendor, config)


def cache_backends(aliases: list[str]) -> Iterator[tuple[str, Any]]:
    """Yield each alias with its backend, or with an Unknown."""
    from django.core.cache import caches

    for alias in aliases:
        yield alias, attempt(f"CACHES[{alias!r}]", caches.__getitem__, alias)


def storage_backends() -> Iterator[tuple[str, Any]]:
    """Yield each alias of STORAGES that holds uploads with its storage, or with an Unknown."""
    from django.core.files.storage import storages

    # Static files are part of the image; their storage refuses to be made without STATIC_URL.
    for alias in sorted(storages.backends.keys() - {"staticfiles"}):
        yield alias, attempt(f"STORAGES[{alias!r}]", storages.__getitem__, alias)


def imported(dotted: str) -> Any:
    """Return the class a setting names by dotted path; ImportError if there is none."""
    try:
        return import_string(dotted)
    except ImportError as error:
        raise ImportError(f"{dotted!r} cannot be imported: {error}") from error


def mailers(settings: Any) -> Iterator[Mailer | Unknown]:
    """Yield what sends mail: MAILERS where Django knows it and it is set, else EMAIL_BACKEND."""
    if VERSION >= (6, 1) and hasattr(settings, "MAILERS"):
        for alias, config in settings.MAILERS.items():
            path = config.get("BACKEND", "django.core.mail.backends.smtp.EmailBackend")
            options = config.get("OPTIONS", {})
            found = attempt(f"MAILERS[{alias!r}]", import_string, path)
            yield (
                found
                if isinstance(found, Unknown)
                else Mailer(
                    found, options.get("timeout"), options.get("file_path"), ("MAILERS", alias)
                )
            )
        return
    with warnings.catch_warnings():
        # Django 6.1 warns whoever reads them, and the project may not even set them.
        warnings.simplefilter("ignore", PendingDeprecationWarning)
        warnings.simplefilter("ignore", DeprecationWarning)
        path, timeout = settings.EMAIL_BACKEND, settings.EMAIL_TIMEOUT
        folder = getattr(settings, "EMAIL_FILE_PATH", None)
    found = attempt("EMAIL_BACKEND", import_string, path)
    yield (
        found if isinstance(found, Unknown) else Mailer(found, timeout, folder, ("EMAIL_BACKEND",))
    )


def file_fields(app_configs: Iterable[Any]) -> Iterator[models.FileField]:
    """Yield the fields of all models that hold an upload."""
    from django.db import models

    for app in app_configs:
        for model in app.get_models():
            # What is not managed is another system's table, which stores the files, too.
            if model._meta.managed and not model._meta.proxy:
                for field in model._meta.local_fields:
                    if isinstance(field, models.FileField):
                        yield field


def loggers() -> Iterator[logging.Logger]:
    """Yield the root logger and every other one that exists."""
    yield logging.getLogger()
    for logger in list(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            yield logger


def unwrapped(handler: logging.Handler) -> Iterator[logging.Handler]:
    """Yield a handler and those it hands its records to (memory and queue handlers)."""
    yield handler
    inner = [getattr(handler, "target", None)]
    inner += getattr(getattr(handler, "listener", None), "handlers", ())
    for other in inner:
        if isinstance(other, logging.Handler) and other is not handler:
            yield from unwrapped(other)


def handlers() -> Iterator[logging.Handler]:
    """Yield every handler that some logger uses, each once."""
    seen: set[int] = set()
    for logger in loggers():
        for outer in logger.handlers:
            for handler in unwrapped(outer):
                if id(handler) not in seen:
                    seen.add(id(handler))
                    yield handler


def handlers_of(name: str) -> list[logging.Handler]:
    """Return the handlers that get the records of a logger, those of its parents included."""
    found: list[logging.Handler] = []
    logger: logging.Logger | None = logging.getLogger(name)
    while logger:
        for handler in logger.handlers:
            found += unwrapped(handler)
        logger = logger.parent if logger.propagate else None
    return found


def celery_app(modules: list[str]) -> Any | None:
    """Return the project's Celery app, or None, or an Unknown if its module fails to import.

    ``modules`` are the project's modules that make an app; importing them is what ``celery -A``
    does.
    """
    for module in modules:
        failed = attempt(module, import_module, module)
        if isinstance(failed, Unknown):
            return failed
    state = sys.modules.get("celery._state")
    if state is None:
        return None
    return state._tls.current_app or state.default_app


def celery_tasks(app: Any) -> list[Any] | Unknown:
    """Return the project's own tasks."""
    loaded = attempt("Celery's tasks", _load_tasks, app)
    if isinstance(loaded, Unknown):
        return loaded
    return [task for name, task in sorted(app.tasks.items()) if not name.startswith("celery.")]


def _load_tasks(app: Any) -> None:
    # Not loader.import_default_modules(), as a worker does: its signal makes Celery's Django fixup
    # run all system checks, this one included.
    for module in app.loader.default_modules:
        app.loader.import_task_module(module)
    app.autodiscover_tasks(force=True)


def celery_symbol(dotted: Any) -> Any:
    """Return what Celery makes of a name in its settings: ``pkg.mod:Class``, an alias, a class."""
    utils = import_module("celery.utils.imports")
    aliases = dict(utils.load_extension_class_names("celery.beat_schedulers"))
    return utils.symbol_by_name(dotted, aliases)


def prints(handler: Any) -> bool:
    """Whether a logging handler writes to the process's own output."""
    if is_a(handler, "logging.FileHandler"):
        return is_stdout_path(handler.baseFilename)
    return is_a(handler, "logging.StreamHandler", OURS)


def is_for_debug(handler: Any) -> bool:
    """Whether a logging handler takes nothing unless DEBUG is on.

    A filter of a project's own that allows more, such as a test run, is called after Django's.
    """
    return any(
        is_a(item, DEBUG_ONLY) or name_of(item).rpartition(".")[2].startswith("RequireDebugTrue")
        for item in handler.filters
    )


def takes_errors(handler: Any) -> bool:
    """Whether a logging handler takes errors in a deployment, where DEBUG is off."""
    return bool(handler.level <= logging.ERROR) and not is_for_debug(handler)


def is_stdout_path(path: str) -> bool:
    """Whether a path leads to the process's own output or nowhere, and so to no disk."""
    return path.startswith(STDOUT_PATHS) or str(Path(path)).startswith(STDOUT_PATHS)
