from __future__ import annotations

from typing import Any

import pytest
from django.core.cache import caches
from django.core.cache.backends.dummy import DummyCache
from django.core.cache.backends.locmem import LocMemCache
from django.core.management import call_command
from django.test.utils import override_settings

from django_scaleready.probes.checks.cache import KEY, Cache
from django_scaleready.probes.members import CheckFailedError


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
        Cache()()
        Cache()()


@pytest.mark.django_db
def test_a_cache_in_the_database() -> None:
    backend = "django.core.cache.backends.db.DatabaseCache"
    with override_settings(CACHES=caches_of(backend, LOCATION="probe_cache")):
        call_command("createcachetable", verbosity=0)
        Cache()()
        Cache()()


def test_one_key_however_many_probes() -> None:
    caches["default"].clear()
    for _ in range(3):
        Cache()()
    store = caches["default"]._cache  # type: ignore[attr-defined]  # LocMem's dictionary
    assert [key for key in store if KEY in key] == [f":1:{KEY}"]
    assert len(store) == 1


@pytest.mark.parametrize("options", [{}, {"IGNORE_EXCEPTIONS": True}])
def test_redis_refused_is_a_failure_even_where_exceptions_are_ignored(
    options: dict[str, Any],
) -> None:
    # Port 1 of the loopback refuses.
    location = "redis://127.0.0.1:1/0"
    declared = caches_of("django_redis.cache.RedisCache", LOCATION=location, OPTIONS=options)
    with override_settings(CACHES=declared), pytest.raises(Exception, match="refused"):
        Cache()()


def test_a_backend_that_swallows_every_error_is_a_failure() -> None:
    swallowing = caches_of(f"{__name__}.SwallowingCache")
    with override_settings(CACHES=swallowing), pytest.raises(CheckFailedError, match="confirmed"):
        Cache()()


def test_a_key_that_another_replica_adds_meanwhile_is_no_failure() -> None:
    with override_settings(CACHES=caches_of(f"{__name__}.RacedCache", LOCATION="raced")):
        Cache()()


def test_another_alias_is_another_cache() -> None:
    caches["default"].clear()
    caches["sessions"].clear()
    Cache("sessions")()
    assert caches["default"].get(KEY) is None
    assert caches["sessions"].get(KEY) == 1
