"""profiles-local: a profile that another replica offers. Its app and storage are stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.profiles_local import RULE

ON: dict[str, Any] = {"INSTALLED_APPS": ["silk"], "SILKY_PYTHON_PROFILER": True}
S3 = {"BACKEND": "storages.backends.s3.S3Storage"}
DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


def stored(backend: dict[str, Any]) -> dict[str, Any]:
    return {"STORAGES": {"default": S3, "staticfiles": STATIC, "SILKY_STORAGE": backend}}


@pytest.mark.parametrize(
    "settings",
    [
        ON,
        {"INSTALLED_APPS": ["silk"], "SILKY_PYTHON_PROFILER_FUNC": bool},
        {**ON, "SILKY_PYTHON_PROFILER_RESULT_PATH": "/var/profiles"},
        {**ON, **stored(DISK)},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.WARNING


@pytest.mark.parametrize(
    "settings",
    [
        {**ON, "INSTALLED_APPS": []},
        {"INSTALLED_APPS": ["silk"]},
        {**ON, "SILKY_PYTHON_PROFILER": False},
        {**ON, **stored(S3)},
        {**ON, "SILKY_STORAGE_CLASS": "storages.backends.s3.S3Storage"},
        {
            **ON,
            "SILKY_PYTHON_PROFILER_RESULT_PATH": "/mnt/shared/profiles",
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
