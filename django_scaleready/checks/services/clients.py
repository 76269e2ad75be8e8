"""What a project keeps in Redis, each with the client that it uses there itself.

Those clients know the TLS settings, the passwords and the sentinels; a URL does not say them all.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.known.queues import APP as HUEY
from django_scaleready.checks.known.queues import huey_storage
from django_scaleready.checks.services.redis import RedisFacts, ask
from django_scaleready.checks.usage import session_store

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

DJANGO_CACHE = "django.core.cache.backends.redis.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
# Where django-q has its queue if not in Redis, by the keys of Q_CLUSTER; read in its get_broker().
OTHER_BROKERS = ("broker_class", "iron_mq", "sqs", "orm", "mongo")


class Kind(enum.Enum):
    """What is lost with the keys."""

    TASKS = enum.auto()
    SCHEDULE = enum.auto()
    SESSIONS = enum.auto()
    RESULTS = enum.auto()
    CACHE = enum.auto()


@dataclass(frozen=True, slots=True)
class Use:
    """Something that is kept in Redis: what it is called, where that is set, how to ask there."""

    kind: Kind
    name: str
    location: Location
    ask: Callable[[], RedisFacts]


def uses(project: Project) -> Iterator[Use | Unknown]:
    """Yield what the project keeps in Redis; nothing connects."""
    for kind, find in (
        ("caches", _caches),
        ("Celery", _celery),
        ("huey", _huey),
        ("django-q", _django_q),
    ):
        # What they are made of is imported here, and may not be installed.
        found = attempt(f"what {kind} may keep in Redis", lambda: list(find(project)))  # noqa: B023 - called at once
        yield from [found] if isinstance(found, Unknown) else found


def _caches(project: Project) -> Iterator[Use]:
    for alias, backend in project.caches.items():
        if is_a(backend, DJANGO_CACHE, DJANGO_REDIS):
            kind, name = Kind.CACHE, f"the cache {alias!r}"
            if _holds_sessions(project, alias):
                kind, name = Kind.SESSIONS, "the sessions"
            yield Use(kind, name, project.where("CACHES", alias), partial(_cache, backend))


def _holds_sessions(project: Project, alias: str) -> bool:
    """Whether sessions are there and nowhere else; ``cached_db`` has them in the database."""
    if project.setting("SESSION_CACHE_ALIAS") != alias:
        return False
    return is_a(session_store(project), "django.contrib.sessions.backends.cache.SessionStore")


def _cache(backend: Any) -> RedisFacts:
    if is_a(backend, DJANGO_REDIS):
        return ask(backend.client.get_client(write=True))
    return ask(backend._cache.get_client(None, write=True))


def _celery(project: Project) -> Iterator[Use]:
    app = project.celery
    if app is None:
        return
    if app.connection_for_write().transport.driver_type == "redis":
        place = project.celery_place("broker_write_url", "broker_url")
        yield Use(Kind.TASKS, "Celery's tasks", place, partial(_broker, app))
    if is_a(app.backend, "celery.backends.redis.RedisBackend"):
        place = project.celery_place("result_backend")
        yield Use(Kind.RESULTS, "Celery's results", place, lambda: ask(app.backend.client))
    scheduler = project.celery_symbol(app.conf.beat_scheduler)
    if is_a(scheduler, "redbeat.schedulers.RedBeatScheduler"):
        place = project.celery_place("redbeat_redis_url", "broker_url")
        yield Use(Kind.SCHEDULE, "beat's schedule", place, partial(_schedule, app, scheduler))


def _broker(app: Any) -> RedisFacts:
    with app.connection_for_write() as connection, connection.channel() as channel:
        return ask(channel.client)


def _schedule(app: Any, scheduler: Any) -> RedisFacts:
    from redbeat.schedulers import get_redis  # its scheduler is in use

    # It has the last word on redbeat's settings. Lazy, or it would write its schedule.
    scheduler(app, lazy=True)
    return ask(get_redis(app))  # type: ignore[no-untyped-call]  # redbeat has no types


def _huey(project: Project) -> Iterator[Use]:
    storage = huey_storage(project)
    if storage is not None and is_a(storage, "huey.storage.RedisStorage"):
        yield Use(Kind.TASKS, "huey's tasks", project.where("HUEY"), partial(_huey_queue, project))


def _huey_queue(project: Project) -> RedisFacts:
    return ask(project.imported(f"{HUEY}.HUEY").storage.conn)


def _django_q(project: Project) -> Iterator[Use]:
    cluster = project.setting("Q_CLUSTER") or {}
    if project.installed("django_q") and not any(cluster.get(key) for key in OTHER_BROKERS):
        place = project.where("Q_CLUSTER")
        yield Use(Kind.TASKS, "django-q's tasks", place, partial(_django_q_queue, project))


def _django_q_queue(project: Project) -> RedisFacts:
    return ask(project.imported("django_q.brokers.get_broker")().connection)
