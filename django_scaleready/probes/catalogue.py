"""The checks that a group can list: the built-in ones, the project's own, anybody's class."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.conf import DEFAULT_STORAGE_ALIAS, settings
from django.core.cache import DEFAULT_CACHE_ALIAS
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, connections
from django.utils.module_loading import import_string

from django_scaleready.probes.checks.broker import Broker
from django_scaleready.probes.checks.cache import Cache
from django_scaleready.probes.checks.database import Clock, Database, DatabaseWrite, Migrations
from django_scaleready.probes.checks.files import Disk, Storage
from django_scaleready.probes.checks.settings import Settings
from django_scaleready.probes.members import Check, CheckWarning, Impact

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Entry:
    """What a name stands for: how to make the check, and what it counts unless a group says."""

    make: Callable[..., Check]
    impact: Impact = Impact.CRITICAL
    shared: bool = False


# The project's own, by name; filled when its modules are imported.
_own: dict[str, Entry] = {}

# By the setting that holds the aliases: each has one of these for every alias.
_PER_DATABASE: dict[str, Callable[..., Check]] = {
    "database": Database,
    "database_write": DatabaseWrite,
    "migrations": Migrations,
    "clock": Clock,
}


def check(
    name: str, *, impact: Impact | str = Impact.CRITICAL, shared: bool = False
) -> Callable[[F], F]:
    """Make a function a check that ``SCALEREADY["PROBES"]`` can list; found in ``probes.py``.

    It returns when all is well and raises when it is not; it may be async, and may take options as
    keywords. ``shared``: it asks what all replicas ask. Raises ImproperlyConfigured for a name that
    is taken or has a dot or a colon, which mean something in a group.
    """
    if not name or "." in name or ":" in name:
        raise ImproperlyConfigured(f"A check's name: got {name!r}, accepts no dot and no colon.")
    if name in built_in():
        raise ImproperlyConfigured(f"A check's name: {name!r} is built in.")
    try:
        impact = Impact(impact)
    except ValueError:
        raise ImproperlyConfigured(
            f"The check {name!r}: got impact {impact!r}, accepts {', '.join(Impact)}."
        ) from None

    def register(function: F) -> F:
        known = _own.get(name)
        # A module that is imported under two names, or again, brings the same function.
        if known is not None and _place(known.make) != _place(function):
            raise ImproperlyConfigured(f"A check's name: {name!r} is taken by another function.")
        _own[name] = Entry(partial(_of_function, function), impact, shared)
        return function

    return register


def _place(function: Any) -> tuple[str, int]:
    code = inspect.unwrap(function.args[0] if isinstance(function, partial) else function).__code__
    return code.co_filename, code.co_firstlineno


def own() -> Mapping[str, Entry]:
    """The checks that the project has declared."""
    return _own


def built_in() -> dict[str, Entry]:
    """The kit's checks, each alias of the project's settings with an entry of its own."""
    entries = {
        "broker": Entry(Broker, shared=True),
        "disk": Entry(Disk, Impact.DEGRADED),
        "settings": Entry(Settings),
    }
    for name, make in _PER_DATABASE.items():
        for alias in connections:
            impact = Impact.DEGRADED if name == "clock" else Impact.CRITICAL
            entries[_named(name, alias, DEFAULT_DB_ALIAS)] = Entry(
                partial(make, alias=alias), impact, shared=name != "migrations"
            )
    for alias in settings.CACHES:
        entries[_named("cache", alias, DEFAULT_CACHE_ALIAS)] = Entry(
            partial(Cache, alias=alias), shared=True
        )
    for alias in settings.STORAGES:
        if alias != "staticfiles":
            entries[_named("storage", alias, DEFAULT_STORAGE_ALIAS)] = Entry(
                partial(Storage, alias=alias), Impact.DEGRADED, shared=True
            )
    return entries


def _named(name: str, alias: str, default: str) -> str:
    return name if alias == default else f"{name}:{alias}"


def imported(path: str) -> Entry:
    """Return the entry of a dotted path: a check class of django-health-check 4, or a function.

    Raises ImportError if there is nothing, TypeError if it is something else.
    """
    found = import_string(path)
    for entry in _own.values():
        if isinstance(entry.make, partial) and entry.make.args[0] is found:
            return entry
    if isinstance(found, type):
        if not callable(getattr(found, "run", None)):
            raise TypeError(f"{path} is a class without run()")
        return Entry(partial(_of_class, found))
    if not callable(found):
        raise TypeError(f"{path} is no function and no class")
    return Entry(partial(_of_function, found))


def _of_function(function: Callable[..., Any], **options: Any) -> Check:
    inspect.signature(function).bind(**options)
    return partial(_call, partial(function, **options))


def _of_class(cls: Any, **options: Any) -> Check:
    run = cls(**options).run
    try:
        from health_check.exceptions import ServiceWarning
    except ImportError:
        return partial(_call, run)

    def call() -> None:
        try:
            _call(run)
        except ServiceWarning as warning:
            raise CheckWarning(str(warning)) from warning

    return call


def _call(function: Callable[[], Any]) -> None:
    """Run a check that may be a coroutine function; it then has a loop of its own."""
    result = function()
    if inspect.iscoroutine(result):
        asyncio.run(result)
