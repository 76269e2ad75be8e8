"""Which checks belong to which probe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from django_scaleready import probe_paths
from django_scaleready.probes import checks


@dataclass(frozen=True, slots=True)
class Group:
    """A probe: its name in the log, and its checks by the component they ask."""

    name: str
    checks: Mapping[str, checks.Check] = field(default_factory=dict)


# Asks nothing. A liveness that depends on the database restarts every replica when the database
# is away, and no restart brings it back.
LIVENESS = Group("liveness")
READINESS = Group("readiness", {"database": checks.database, "cache": checks.cache})
STARTUP = Group("startup", {**READINESS.checks, "migrations": checks.migrations})

_BY_PATH = {
    probe_paths.LIVENESS: LIVENESS,
    probe_paths.READINESS: READINESS,
    probe_paths.STARTUP: STARTUP,
}

GROUPS: Mapping[str, Group] = MappingProxyType(
    {path: _BY_PATH[path.rstrip("/")] for path in probe_paths.PROBE_PATHS}
)
