"""cron-file-lock: a lock that another replica does not see. The app and its locks are stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.cron_file_lock import LOCK, RULE, SETTING

LOCKS = "django_cron.backends.lock"
FILE: dict[str, Any] = {"INSTALLED_APPS": ["django_cron"], SETTING: LOCK}
SHARED = {"SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]}}


@pytest.mark.parametrize(
    "settings",
    [
        FILE,
        {**FILE, "DJANGO_CRON_LOCKFILE_PATH": "/var/lock/shop"},
        {**FILE, **SHARED, "DJANGO_CRON_LOCKFILE_PATH": "/mnt/elsewhere"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": ["django_cron"]},
        {**FILE, SETTING: f"{LOCKS}.database.DatabaseLock"},
        {**FILE, SETTING: f"{LOCKS}.cache.CacheLock"},
        {**FILE, "INSTALLED_APPS": []},
        {**FILE, **SHARED, "DJANGO_CRON_LOCKFILE_PATH": "/mnt/shared/locks"},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
