"""redis-forgets: what must not be lost survives a restart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.services import answered, redis

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.redis_forgets import RULE
from django_scaleready.checks.services.clients import Kind
from django_scaleready.checks.services.view import RedisServer


def found(make_project: Callable[..., Project], server: RedisServer) -> list[Finding]:
    return list(RULE.find(answered(make_project(), server)))


@pytest.mark.parametrize("kind", [Kind.TASKS, Kind.SCHEDULE, Kind.SESSIONS])
def test_memory_alone_is_a_warning(make_project: Callable[..., Project], kind: Kind) -> None:
    (finding,) = found(make_project, redis(kind, snapshots=False))
    assert finding.severity is Severity.WARNING


def test_with_a_replica_it_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = found(make_project, redis(Kind.TASKS, snapshots=False, copies=1))
    assert finding.severity is Severity.INFO
    assert "may take over" in finding.message


@pytest.mark.parametrize(
    "server",
    [
        redis(Kind.TASKS, append=True, snapshots=False),
        redis(Kind.TASKS, snapshots=True),
        redis(Kind.TASKS, snapshots=None),
        redis(Kind.CACHE, Kind.RESULTS, snapshots=False),
    ],
    ids=["append-only", "snapshots", "it does not say", "cache and results"],
)
def test_stays_silent(make_project: Callable[..., Project], server: RedisServer) -> None:
    assert found(make_project, server) == []
