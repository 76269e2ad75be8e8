"""redis-evicts: what must not be lost is where nothing is thrown out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from support.services import answered, redis

from django_scaleready.checks.base import Finding, Location, Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.redis_evicts import RULE
from django_scaleready.checks.services.clients import Kind
from django_scaleready.checks.services.view import RedisServer


def evicting(*kinds: Kind, policy: str = "allkeys-lru", limited: bool = True) -> RedisServer:
    return redis(*kinds, policy=policy, limited=limited)


def found(make_project: Callable[..., Project], server: RedisServer) -> list[Finding]:
    return list(RULE.find(answered(make_project(), server)))


@pytest.mark.parametrize("policy", ["allkeys-lru", "allkeys-lfu", "allkeys-random"])
@pytest.mark.parametrize("kind", [Kind.TASKS, Kind.SCHEDULE])
def test_tasks_and_schedules_are_an_error(
    make_project: Callable[..., Project], kind: Kind, policy: str
) -> None:
    (finding,) = found(make_project, evicting(kind, policy=policy))
    assert finding.severity is Severity.ERROR
    assert policy in finding.message


@pytest.mark.parametrize("policy", ["allkeys-lru", "volatile-ttl"])
def test_sessions_are_a_warning(make_project: Callable[..., Project], policy: str) -> None:
    (finding,) = found(make_project, evicting(Kind.SESSIONS, policy=policy))
    assert finding.severity is Severity.WARNING


def test_it_is_one_finding_a_server_and_names_all(make_project: Callable[..., Project]) -> None:
    (finding,) = found(make_project, evicting(Kind.CACHE, Kind.TASKS, Kind.SCHEDULE))
    assert "deletes Celery's tasks and beat's schedule" in finding.message
    assert "it holds the cache 'default', too" in finding.message
    assert finding.location == Location("settings.py", Kind.TASKS.value)
    assert len(finding.related) == 2


@pytest.mark.parametrize(
    "server",
    [
        evicting(Kind.TASKS, policy="noeviction"),
        evicting(Kind.TASKS, limited=False),
        evicting(Kind.TASKS, Kind.SCHEDULE, policy="volatile-lru"),
        evicting(Kind.CACHE),
        evicting(Kind.CACHE, Kind.RESULTS),
        evicting(Kind.SESSIONS, policy="noeviction"),
        evicting(Kind.SESSIONS, limited=False),
        evicting(Kind.SCHEDULE, policy="volatile-ttl"),
        evicting(Kind.RESULTS, policy="volatile-lru"),
    ],
    ids=[
        *("noeviction", "no maxmemory", "they do not expire", "cache", "results"),
        *("sessions stay", "sessions have room", "a schedule does not expire", "results alone"),
    ],
)
def test_stays_silent(make_project: Callable[..., Project], server: RedisServer) -> None:
    assert found(make_project, server) == []
