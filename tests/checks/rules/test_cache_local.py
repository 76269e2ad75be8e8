"""cache-local: an error only where something relies on the cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cache_local import RULE

LOCMEM = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
REDIS = {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
CACHED_SESSIONS = {
    "SESSION_ENGINE": "django.contrib.sessions.backends.cache",
    "SESSION_CACHE_ALIAS": "default",
    "MIDDLEWARE": ["django.contrib.sessions.middleware.SessionMiddleware"],
}
CACHE_MIDDLEWARE = {"MIDDLEWARE": ["django.middleware.cache.UpdateCacheMiddleware"]}
AUTH = ["django.contrib.contenttypes", "django.contrib.auth"]
THROTTLES = {
    "INSTALLED_APPS": [*AUTH, "rest_framework"],
    "REST_FRAMEWORK": {"DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"]},
}
IMPORTS = "from django.core.cache import cache"
ALIAS = "from django.core.cache import caches; store = caches['other']"
PAGE = "from django.views.decorators.cache import cache_page"


@pytest.mark.parametrize(
    ("settings", "code"),
    [(CACHED_SESSIONS, ""), (CACHE_MIDDLEWARE, ""), (THROTTLES, ""), ({}, IMPORTS), ({}, PAGE)],
    ids=["sessions", "middleware", "throttles", "import", "cache_page"],
)
def test_a_used_local_default_is_an_error(
    make_project: Callable[..., Project], settings: dict[str, Any], code: str
) -> None:
    project = make_project({"shop/views.py": code}, CACHES={"default": LOCMEM}, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR
    assert finding.related


def test_an_unused_local_default_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.INFO


def test_a_local_alias_beside_a_shared_default_is_information(
    make_project: Callable[..., Project],
) -> None:
    project = make_project({"shop/views.py": ALIAS}, CACHES={"default": REDIS, "other": LOCMEM})
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.INFO


def test_a_subclass_of_another_name_is_found(make_project: Callable[..., Project]) -> None:
    caches = {"default": {"BACKEND": f"{__name__}.Renamed"}}
    (finding,) = RULE.find(make_project({"views.py": IMPORTS}, CACHES=caches))
    assert finding.severity is Severity.ERROR


def test_a_file_cache_on_a_shared_mount_is_silent(make_project: Callable[..., Project]) -> None:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    caches = {"default": {"BACKEND": backend, "LOCATION": "/mnt/shared/cache"}}
    project = make_project(CACHES=caches, SCALEREADY={"SHARED_PATHS": ["/mnt/shared"]})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    "backend",
    [
        REDIS,
        {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "cache"},
        {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
    ],
)
def test_a_shared_cache_is_silent(
    make_project: Callable[..., Project], backend: dict[str, Any]
) -> None:
    assert list(RULE.find(make_project({"views.py": IMPORTS}, CACHES={"default": backend}))) == []


@pytest.mark.parametrize("file", ["tests/test_views.py", "shop/migrations/0001_initial.py"])
def test_tests_and_migrations_are_no_use(make_project: Callable[..., Project], file: str) -> None:
    (finding,) = RULE.find(make_project({file: IMPORTS}, CACHES={"default": LOCMEM}))
    assert finding.severity is Severity.INFO


class Renamed(LocMemCache):
    pass
