"""Which checks belong to which probe: ``SCALEREADY["PROBES"]``, and what holds without it.

A group is a list of names, or a dictionary of name to impact. A dictionary in place of the impact
takes ``CHECK`` (the name or the dotted path, if the key is a name of one's own), ``IMPACT``,
``OPTIONS`` and ``SHARED``.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

from django_scaleready.conf import conf
from django_scaleready.probe_paths import Probe
from django_scaleready.probes.catalogue import Entry, built_in, imported, own
from django_scaleready.probes.checks import broker
from django_scaleready.probes.members import Group, Impact, Member
from django_scaleready.shapes import faults

# Liveness asks nothing: one that depends on the database restarts every replica when the database
# is away, and no restart brings it back.
ASKING = (Probe.READINESS, Probe.STARTUP, Probe.HEALTH)
KEYS = ("CHECK", "IMPACT", "OPTIONS", "SHARED")
# Each alias of these has checks of its own.
ALIASES = ("CACHES", "STORAGES")
# The way past the pooler is for migrations; nothing is served over it, and the network may not let
# a web server use it.
_NOT_SERVED = "direct"


def group(probe: Probe) -> Group:
    """Return the group of a probe, from the settings as they are now.

    Raises ImproperlyConfigured, naming the group and the check.
    """
    name = f"SCALEREADY['PROBES'][{probe.value!r}]"
    for setting in ALIASES:
        for fault in faults(setting, getattr(settings, setting)):
            raise ImproperlyConfigured(f"{fault.setting}: {fault.problem}.")
    declared = conf.probes.get(probe.value)
    entries = {**built_in(), **own()}
    if declared is None:
        declared = _DEFAULTS[probe]()
    elif not isinstance(declared, Mapping):
        declared = dict.fromkeys(declared)
    members = [_member(name, entries, key, value) for key, value in declared.items()]
    return Group(probe.value, tuple(members))


def validate() -> None:
    """Make every group once, so that a bad one fails at start and not in a probe."""
    for probe in ASKING:
        group(probe)


# -- The defaults --


def _readiness() -> dict[str, Any]:
    # Without its cache a replica is slower, and the others have no better one.
    cache = {"cache": Impact.DEGRADED} if DEFAULT_CACHE_ALIAS in settings.CACHES else {}
    return {"database": Impact.CRITICAL, **cache}


def _declared_services() -> Iterator[str]:
    yield from (_alias("database", alias) for alias in connections if alias != _NOT_SERVED)
    yield from (_alias("cache", alias) for alias in settings.CACHES)
    if broker.declared():
        yield "broker"


def _alias(name: str, alias: str) -> str:
    return name if alias == "default" else f"{name}:{alias}"


def _startup() -> dict[str, Any]:
    # A release that names a service wrongly must stop at its first replica.
    return dict.fromkeys(["settings", *_declared_services(), "migrations"])


def _health() -> dict[str, Any]:
    names = [*_declared_services(), "migrations", "disk", "clock", *own()]
    return {**dict.fromkeys(names, Impact.DEGRADED), "database": Impact.CRITICAL}


_DEFAULTS = {Probe.READINESS: _readiness, Probe.STARTUP: _startup, Probe.HEALTH: _health}


# -- What the project declares --


def _member(group: str, entries: Mapping[str, Entry], key: str, value: Any) -> Member:
    where = f"{group}[{key!r}]"
    wanted = value if isinstance(value, Mapping) else {} if value is None else {"IMPACT": value}
    for option in wanted:
        if option not in KEYS:
            _refuse(where, f"unknown key {option!r}", KEYS, str(option))
    name = wanted.get("CHECK", key)
    entry = entries.get(name) or _imported(group, entries, name)
    impact, shared = wanted.get("IMPACT", entry.impact), wanted.get("SHARED", entry.shared)
    if impact not in [*Impact]:
        _refuse(where, f"got impact {impact!r}", [*Impact], str(impact))
    if not isinstance(shared, bool):
        raise ImproperlyConfigured(f"{where}: got SHARED {shared!r}, accepts True or False.")
    options = wanted.get("OPTIONS", {})
    try:
        made = entry.make(**options)
    except TypeError as error:
        raise ImproperlyConfigured(f"{where}: OPTIONS {options!r}: {error}.") from error
    return Member(key, made, Impact(impact), shared)


def _imported(group: str, entries: Mapping[str, Entry], name: Any) -> Entry:
    if not isinstance(name, str) or "." not in name:
        _refuse(group, f"unknown check {name!r}", [*entries, "a dotted path"], str(name))
    try:
        return imported(name)
    except (ImportError, TypeError) as error:
        raise ImproperlyConfigured(f"{group}: the check {name!r}: {error}.") from error


def _refuse(where: str, got: str, accepts: Any, near: str) -> NoReturn:
    close = difflib.get_close_matches(near, accepts, n=1)
    meant = f" Did you mean {str(close[0])!r}?" if close else ""
    raise ImproperlyConfigured(f"{where}: {got}; accepts {', '.join(accepts)}.{meant}")
