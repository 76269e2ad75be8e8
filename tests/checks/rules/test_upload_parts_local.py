"""upload-parts-local: parts of an upload on different replicas. Its apps are stand-ins."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.upload_parts_local import RULE

TUS: dict[str, Any] = {"INSTALLED_APPS": ["django_tus"]}
POND: dict[str, Any] = {"INSTALLED_APPS": ["django_drf_filepond"]}
SHARED = {"SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]}}
TMP, STORE = "DJANGO_DRF_FILEPOND_UPLOAD_TMP", "DJANGO_DRF_FILEPOND_FILE_STORE_PATH"
BACKEND = {"DJANGO_DRF_FILEPOND_STORAGES_BACKEND": "storages.backends.s3.S3Storage"}


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (TUS, "TUS_UPLOAD_DIR"),
        ({**TUS, **SHARED, "TUS_UPLOAD_DIR": "/mnt/shared/parts"}, "TUS_DESTINATION_DIR"),
        (POND, TMP),
        ({**POND, **SHARED, TMP: "/mnt/shared/parts", STORE: "/srv/files"}, STORE),
        ({**POND, **BACKEND, STORE: "files"}, TMP),
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any], named: str) -> None:
    (finding,) = RULE.find(make_project(**settings))
    assert finding.severity is Severity.ERROR
    assert f"({named})" in finding.message


def test_each_app_is_a_finding_at_its_first_folder(make_project: Callable[..., Project]) -> None:
    text = "TUS_UPLOAD_DIR = '/srv/a'\nTUS_DESTINATION_DIR = '/srv/b'\n"
    apps = ["django_tus", "django_drf_filepond"]
    tus, pond = RULE.find(make_project({"settings.py": text}, INSTALLED_APPS=apps))
    assert str(tus.location) == "settings.py:1"
    assert [str(place) for place in tus.related] == ["settings.py:2"]
    assert "django-drf-filepond" in pond.message


@pytest.mark.parametrize(
    "settings",
    [
        {"INSTALLED_APPS": []},
        {"INSTALLED_APPS": [], "TUS_UPLOAD_DIR": "/srv/parts"},
        {**TUS, **SHARED, "TUS_UPLOAD_DIR": "/mnt/shared/a", "TUS_DESTINATION_DIR": "/mnt/shared"},
        {**POND, **SHARED, TMP: "/mnt/shared/parts"},
        {**POND, **SHARED, TMP: "/mnt/shared/parts", STORE: "/mnt/shared/files"},
        {**POND, **SHARED, **BACKEND, TMP: "/mnt/shared/parts", STORE: "files"},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []
