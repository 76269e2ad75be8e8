"""media-extra: an app's own storage setting."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.media_extra import RULE


@pytest.mark.parametrize(
    "settings",
    [
        {"INVOICE_STORAGE": "django.core.files.storage.FileSystemStorage"},
        {"EXPORT_STORAGE_CLASS": "django.core.files.storage.InMemoryStorage"},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"INVOICE_STORAGE": "storages.backends.s3.S3Storage"},
        {"MY_STATICFILES_STORAGE": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        {"INVOICE_STORAGE": "local"},
        {"INVOICE_STORAGE": None},
        {"INVOICE": "django.core.files.storage.FileSystemStorage"},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
