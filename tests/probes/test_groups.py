from __future__ import annotations

import pytest

from django_scaleready.probe_paths import PROBE_PATHS
from django_scaleready.probes.groups import GROUPS, LIVENESS, READINESS, STARTUP, Group


@pytest.mark.parametrize(
    ("path", "group"), [("/livez", LIVENESS), ("/readyz", READINESS), ("/startupz", STARTUP)]
)
@pytest.mark.parametrize("slash", ["", "/"])
def test_a_path_with_and_without_a_slash(path: str, slash: str, group: Group) -> None:
    assert GROUPS[path + slash] is group


def test_there_are_no_other_paths() -> None:
    assert set(GROUPS) == PROBE_PATHS
    assert len(PROBE_PATHS) == 6


def test_what_each_probe_asks() -> None:
    assert list(LIVENESS.checks) == []
    assert list(READINESS.checks) == ["database", "cache"]
    assert list(STARTUP.checks) == ["database", "cache", "migrations"]
