"""What is kept in Redis is told from the settings; nothing connects."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.project import Project
from django_scaleready.checks.services.clients import Kind, Use, uses

CELERY = {
    "shop/celery.py": """
from celery import Celery
app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
"""
}
# Nobody listens there.
REDIS = "redis://127.0.0.1:1/"
DJANGO = "django.core.cache.backends.redis.RedisCache"
DJANGO_REDIS = "django_redis.cache.RedisCache"
SESSIONS = {"MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"]}
CACHE_SESSIONS = {**SESSIONS, "SESSION_ENGINE": "django.contrib.sessions.backends.cache"}


def found(project: Project) -> list[tuple[Kind, str]]:
    kept = list(uses(project))
    assert all(isinstance(use, Use) for use in kept)
    return [(use.kind, use.name) for use in kept if isinstance(use, Use)]


def cache(backend: str = DJANGO) -> dict[str, Any]:
    return {"CACHES": {"default": {"BACKEND": backend, "LOCATION": REDIS}}}


@pytest.mark.parametrize("backend", [DJANGO, DJANGO_REDIS])
def test_a_cache(make_project: Callable[..., Project], backend: str) -> None:
    assert found(make_project(**cache(backend))) == [(Kind.CACHE, "the cache 'default'")]


@pytest.mark.parametrize("backend", [DJANGO, DJANGO_REDIS])
def test_sessions_that_are_nowhere_else(make_project: Callable[..., Project], backend: str) -> None:
    project = make_project(**cache(backend), **CACHE_SESSIONS)
    assert found(project) == [(Kind.SESSIONS, "the sessions")]


@pytest.mark.parametrize(
    "settings",
    [
        {**SESSIONS, "SESSION_ENGINE": "django.contrib.sessions.backends.cached_db"},
        {**SESSIONS, "SESSION_ENGINE": "django_scaleready.sessions"},
        {**CACHE_SESSIONS, "SESSION_CACHE_ALIAS": "other"},
        {**CACHE_SESSIONS, "MIDDLEWARE": []},
    ],
    ids=["cached_db", "the kit's", "another alias", "no middleware"],
)
def test_sessions_that_are_elsewhere_too(
    make_project: Callable[..., Project], settings: dict[str, Any]
) -> None:
    assert found(make_project(**cache(), **settings)) == [(Kind.CACHE, "the cache 'default'")]


def test_all_of_celery(make_project: Callable[..., Project]) -> None:
    settings = {
        "CELERY_BROKER_URL": REDIS,
        "CELERY_RESULT_BACKEND": REDIS,
        "CELERY_BEAT_SCHEDULER": "django_scaleready.celery.scheduler.Scheduler",
        "CELERY_REDBEAT_REDIS_URL": REDIS,
    }
    assert found(make_project(CELERY, **settings)) == [
        (Kind.TASKS, "Celery's tasks"),
        (Kind.RESULTS, "Celery's results"),
        (Kind.SCHEDULE, "beat's schedule"),
    ]


@pytest.mark.parametrize(
    "settings",
    [
        {"CACHES": {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}},
        {"CELERY_BROKER_URL": "amqp://rabbit", "CELERY_RESULT_BACKEND": "rpc://"},
        {"CELERY_BROKER_URL": "memory://", "CELERY_BEAT_SCHEDULER": "celery.beat.Scheduler"},
    ],
    ids=["in memory", "RabbitMQ", "another scheduler"],
)
def test_what_is_not_in_redis(
    make_project: Callable[..., Project], settings: dict[str, Any]
) -> None:
    assert found(make_project(CELERY, **settings)) == []


def test_a_project_without_celery(make_project: Callable[..., Project]) -> None:
    assert found(make_project(CELERY_BROKER_URL=REDIS)) == []


def test_a_transport_that_is_not_installed_is_unknown(
    make_project: Callable[..., Project],
) -> None:
    (unknown,) = uses(make_project(CELERY, CELERY_BROKER_URL="nosuch://broker"))
    assert isinstance(unknown, Unknown)
    assert unknown.subject == "what Celery may keep in Redis"


@pytest.mark.parametrize(
    ("huey", "expected"),
    [
        ({"huey_class": "huey.RedisHuey", "name": "shop"}, [(Kind.TASKS, "huey's tasks")]),
        ({"huey_class": "huey.MemoryHuey", "name": "shop"}, []),
    ],
)
def test_huey(
    make_project: Callable[..., Project], huey: dict[str, str], expected: list[tuple[Kind, str]]
) -> None:
    project = make_project(HUEY=huey, INSTALLED_APPS=["huey.contrib.djhuey"])
    assert found(project) == expected


@pytest.mark.parametrize(
    ("cluster", "expected"),
    [
        ({"redis": REDIS}, [(Kind.TASKS, "django-q's tasks")]),
        ({}, [(Kind.TASKS, "django-q's tasks")]),
        ({"orm": "default"}, []),
        ({"sqs": {"aws_region": "eu"}}, []),
    ],
)
def test_django_q(
    make_project: Callable[..., Project],
    cluster: dict[str, Any],
    expected: list[tuple[Kind, str]],
) -> None:
    project = make_project(Q_CLUSTER=cluster, INSTALLED_APPS=["django_q"])
    assert found(project) == expected


def test_a_broken_one_costs_the_others_nothing(make_project: Callable[..., Project]) -> None:
    huey = {"huey_class": "no.such.Huey"}
    project = make_project(**cache(), HUEY=huey, INSTALLED_APPS=["huey.contrib.djhuey"])
    kept, unknown = uses(project)
    assert isinstance(kept, Use)
    assert isinstance(unknown, Unknown)
    assert unknown.subject == "what huey may keep in Redis"
