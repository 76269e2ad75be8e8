"""compress-at-request: a style that one replica wrote is a 404 on the next.

Its app and the app's storage are stand-ins.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from support.stand_ins import StandIns

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.compress_at_request import RULE

APP: dict[str, Any] = {"INSTALLED_APPS": ["compressor"], "DEBUG": False}
S3 = {"BACKEND": "storages.backends.s3.S3Storage"}
DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"COMPRESS_ENABLED": True, "DEBUG": True},
        {"COMPRESS_ENABLED": True, "COMPRESS_OFFLINE": False},
        {"STORAGES": {"default": S3, "staticfiles": STATIC, "compressor": DISK}},
        {"STORAGES": {"default": S3, "staticfiles": STATIC, "css": DISK, "compressor": S3},
         "COMPRESS_STORAGE_ALIAS": "css"},
    ],
)  # fmt: skip
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    (finding,) = RULE.find(make_project(**{**APP, **settings}))
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": [], "COMPRESS_ENABLED": True},
        {"DEBUG": True},
        {"COMPRESS_ENABLED": False},
        {"COMPRESS_OFFLINE": True},
        {"COMPRESS_STORAGE": "storages.backends.s3.S3Storage"},
        {"STORAGES": {"default": S3, "staticfiles": STATIC, "compressor": S3}},
        {"COMPRESS_ROOT": "/mnt/shared/static", "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]}},
        {"STATIC_ROOT": "/mnt/shared/static", "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**{**APP, **settings}))) == []


@pytest.mark.parametrize(
    ("files", "severity"),
    [
        ({"shop/templates/base.html": "{% load compress %}{% compress css %}{% endcompress %}"},
         Severity.ERROR),
        ({"shop/templates/base.html": "{%- compress js inline -%}"}, Severity.ERROR),
        ({"shop/templates/base.html": "{% load compress %}", "shop/page.jinja": "x"},
         Severity.INFO),
    ],
)  # fmt: skip
def test_templates_tell_whether_anything_is_compressed(
    make_project: Callable[..., Project], files: dict[str, str], severity: Severity
) -> None:
    (finding,) = RULE.find(make_project(files, **APP))
    assert finding.severity is severity


def test_finds_a_subclass(make_project: Callable[..., Project], stand_ins: StandIns) -> None:
    base = stand_ins.classes("compressor.storage.CompressorFileStorage", base=FileSystemStorage)
    stand_ins.classes("till.storage.Renamed", base=base)
    assert len(list(RULE.find(make_project(COMPRESS_STORAGE="till.storage.Renamed", **APP)))) == 1
