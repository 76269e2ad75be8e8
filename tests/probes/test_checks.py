from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext, override_settings

from django_scaleready.probes.checks import (
    CACHE_KEY,
    CheckFailedError,
    Migrations,
    cache,
    database,
)


def caches_of(backend: str, **options: Any) -> dict[str, dict[str, Any]]:
    return {"default": {"BACKEND": backend, **options}}


def nothing(*_: Any, **__: Any) -> None:
    """What django-redis returns for a command that IGNORE_EXCEPTIONS has swallowed."""


class SwallowingCache(DummyCache):
    get = add = touch = staticmethod(nothing)  # type: ignore[assignment]  # on purpose


class RacedCache(LocMemCache):
    """Between our touch and our add, another replica adds the key."""

    def add(self, key: str, value: Any, *args: Any, **kwargs: Any) -> bool:
        super().add(key, value, *args, **kwargs)
        return False


@pytest.mark.django_db
def test_a_database_that_answers() -> None:
    with CaptureQueriesContext(connection) as queries:
        database()
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_database_that_does_not_answer() -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        database()


@pytest.mark.parametrize(
    "backend",
    [
        "django.core.cache.backends.locmem.LocMemCache",
        "django.core.cache.backends.dummy.DummyCache",
        "django.core.cache.backends.filebased.FileBasedCache",
    ],
)
def test_a_cache_that_answers(backend: str, tmp_path: object) -> None:
    with override_settings(CACHES=caches_of(backend, LOCATION=str(tmp_path))):
        cache()
        cache()


@pytest.mark.django_db
def test_a_cache_in_the_database() -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    with override_settings(CACHES=caches_of(backend, LOCATION="probe_cache")):
        call_command("createcachetable", verbosity=0)
        cache()
        cache()


def test_one_key_however_many_probes() -> None:
    caches["default"].clear()
    for _ in range(3):
        cache()
    store = caches["default"]._cache  # type: ignore[attr-defined]  # LocMem's dictionary
    assert [key for key in store if CACHE_KEY in key] == [f":1:{CACHE_KEY}"]
    assert len(store) == 1


@pytest.mark.parametrize("options", [{}, {"IGNORE_EXCEPTIONS": True}])
def test_redis_refused_is_a_failure_even_where_exceptions_are_ignored(
    options: dict[str, Any],
) -> None:
    # Port 1 of the loopback refuses.
    location = "redis://127.0.0.1:1/0"
    declared = caches_of("django_redis.cache.RedisCache", LOCATION=location, OPTIONS=options)
    with override_settings(CACHES=declared), pytest.raises(Exception, match="refused"):
        cache()


def test_a_backend_that_swallows_every_error_is_a_failure() -> None:
    swallowing = caches_of(f"{__name__}.SwallowingCache")
    with override_settings(CACHES=swallowing), pytest.raises(CheckFailedError, match="confirmed"):
        cache()


def test_a_key_that_another_replica_adds_meanwhile_is_no_failure() -> None:
    with override_settings(CACHES=caches_of(f"{__name__}.RacedCache", LOCATION="raced")):
        cache()


@pytest.mark.django_db
def test_applied_migrations_are_looked_up_once() -> None:
    migrations = Migrations()
    migrations()
    with CaptureQueriesContext(connection) as queries:
        migrations()
    assert len(queries) == 0


@pytest.mark.django_db
def test_an_unapplied_migration_is_named_and_looked_up_again() -> None:
    migrations = Migrations()
    newest = "DELETE FROM django_migrations WHERE app = 'sessions'"
    with connection.cursor() as cursor:
        cursor.execute(newest)
    for _ in range(2):
        with pytest.raises(CheckFailedError, match=r"1 unapplied .* sessions\.0001_initial"):
            migrations()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('sessions', '0001_initial', '2026-01-01')"
        )
    migrations()


@pytest.mark.django_db
def test_asking_for_migrations_changes_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        Migrations()()
    assert {query["sql"].split()[0] for query in queries} <= {"SELECT", "PRAGMA"}
