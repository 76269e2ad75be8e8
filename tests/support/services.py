"""Services as they might have answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.project import Project
from django_scaleready.checks.services.clients import Kind, Use
from django_scaleready.checks.services.databases import DatabaseFacts, Server
from django_scaleready.checks.services.redis import RedisFacts
from django_scaleready.checks.services.view import RedisServer, Services

NAMES = {
    Kind.TASKS: "Celery's tasks",
    Kind.SCHEDULE: "beat's schedule",
    Kind.SESSIONS: "the sessions",
    Kind.RESULTS: "Celery's results",
    Kind.CACHE: "the cache 'default'",
}


def postgres(*aliases: str, **options: Any) -> dict[str, dict[str, Any]]:
    """DATABASES with these aliases."""
    engine = "django.db.backends.postgresql"
    entry = {"ENGINE": engine, "NAME": "shop", "HOST": "db", **options}
    return {alias: dict(entry) for alias in aliases or ("default",)}


def server(number: int = 1, *, cluster: int | None = 1, standby: bool = False) -> Server:
    started = datetime(2030, 1, 1, tzinfo=UTC) + timedelta(hours=number)
    return Server(f"10.0.0.{number}:5432", started, standby, cluster)


def database(alias: str = "default", servers: Sequence[Server] = (), **facts: Any) -> DatabaseFacts:
    found = frozenset(servers or [server()])
    return DatabaseFacts(alias, "PostgreSQL 18", servers=found, **facts)


def redis(*kinds: Kind, **facts: Any) -> RedisServer:
    uses = tuple(
        Use(kind, NAMES[kind], Location("settings.py", kind.value), _nobody) for kind in kinds
    )
    return RedisServer(RedisFacts("id", "Redis 7.0", **facts), uses)


def _nobody() -> RedisFacts:
    raise AssertionError("has been asked already")


def answered(project: Project, *given: DatabaseFacts | RedisServer) -> Project:
    """The project, as if its services had said this."""
    project.services = Services(
        tuple(each for each in given if isinstance(each, DatabaseFacts)),
        tuple(each for each in given if isinstance(each, RedisServer)),
    )
    return project
