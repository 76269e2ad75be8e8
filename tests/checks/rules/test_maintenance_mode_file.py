"""maintenance-mode-file: a switch for one replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.maintenance_mode_file import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["maintenance_mode"], "MAINTENANCE_MODE": None}
BACKENDS = "maintenance_mode.backends"
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
SHARED = {
    "default": {"BACKEND": "django_redis.cache.RedisCache", "LOCATION": "redis://localhost/0"}
}


@pytest.mark.parametrize(
    "settings",
    [
        APP,
        {**APP, "MAINTENANCE_MODE_STATE_BACKEND": f"{BACKENDS}.LocalFileBackend"},
        {**APP, "MAINTENANCE_MODE_STATE_FILE_PATH": "/srv/state"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {**APP, "INSTALLED_APPS": []},
        {**APP, "MAINTENANCE_MODE": False},
        {**APP, "MAINTENANCE_MODE": True},
        {**APP, "MAINTENANCE_MODE_STATE_BACKEND": f"{BACKENDS}.CacheBackend", "CACHES": SHARED},
        # The findings of the cache and of the storage name it.
        {**APP, "MAINTENANCE_MODE_STATE_BACKEND": f"{BACKENDS}.CacheBackend", "CACHES": LOCAL},
        {**APP, "MAINTENANCE_MODE_STATE_BACKEND": f"{BACKENDS}.DefaultStorageBackend"},
        {**APP, "MAINTENANCE_MODE_STATE_BACKEND": f"{BACKENDS}.StaticStorageBackend"},
        {
            **APP,
            "MAINTENANCE_MODE_STATE_FILE_PATH": "/mnt/shared/state",
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


TEXT = """
INSTALLED_APPS = [
    "django.contrib.sessions",
    "maintenance_mode",
]
{}
"""


@pytest.mark.parametrize(
    ("more", "line", "related"),
    [
        ("", 4, []),
        (f"MAINTENANCE_MODE_STATE_BACKEND = '{BACKENDS}.LocalFileBackend'", 6, []),
        ("MIDDLEWARE = [\n  'maintenance_mode.middleware.MaintenanceModeMiddleware']", 4, [7]),
        ("MIDDLEWARE = ['django.middleware.common.CommonMiddleware']", 4, []),
    ],
)
def test_is_where_the_app_comes_in(
    make_project: Callable[..., Project], more: str, line: int, related: list[int]
) -> None:
    (finding,) = RULE.find(make_project({"settings.py": TEXT.format(more)}))
    assert finding.location.line == line
    assert [place.line for place in finding.related] == related
