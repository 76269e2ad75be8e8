"""q-cluster: Django Q with nothing behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.q_cluster import RULE

SHARED = {
    "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
}
APP: dict[str, Any] = {"INSTALLED_APPS": ["django_q"], "CACHES": SHARED}


SQLITE = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
TWO = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}, "queue": SQLITE}


@pytest.mark.parametrize(
    "settings",
    [
        {**APP, "Q_CLUSTER": {"sync": True}},
        {**APP, "Q_CLUSTER": {"orm": "queue"}, "DATABASES": TWO},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


def test_a_queue_in_the_default_database_is_left_to_the_rule_on_that(
    make_project: Callable[..., Project],
) -> None:
    (finding,) = RULE.find(make_project(**APP, Q_CLUSTER={"orm": "default"}))
    assert finding.severity is Severity.INFO
    both = {"orm": "default", "sync": True}
    found = RULE.find(make_project(**APP, Q_CLUSTER=both))
    assert [one.severity for one in found] == [Severity.ERROR, Severity.INFO]


@pytest.mark.parametrize(
    "settings",
    [
        {**APP, "Q_CLUSTER": {"redis": "redis://localhost"}},
        {**APP, "Q_CLUSTER": {}},
        {**APP, "INSTALLED_APPS": [], "Q_CLUSTER": {"sync": True}},
        {
            **APP,
            "Q_CLUSTER": {"orm": "default"},
            "DATABASES": {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


def test_a_local_cache_is_left_to_the_rule_on_caches(
    make_project: Callable[..., Project],
) -> None:
    local = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    cluster = {"redis": "redis://localhost"}
    assert list(RULE.find(make_project(**{**APP, "CACHES": local, "Q_CLUSTER": cluster}))) == []
