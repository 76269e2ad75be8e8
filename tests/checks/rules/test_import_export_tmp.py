"""import-export-tmp: the confirmation may reach another replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from import_export.tmp_storages import TempFolderStorage

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.import_export_tmp import RULE, SETTING

APPS = ["django_scaleready", "import_export"]
LOCAL = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
DATABASE = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "c"}}


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {SETTING: "import_export.tmp_storages.TempFolderStorage"},
        {SETTING: f"{__name__}.Renamed"},
        {SETTING: TempFolderStorage},
    ],
)
def test_finds(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert len(list(RULE.find(make_project(INSTALLED_APPS=APPS, **settings)))) == 1


@pytest.mark.parametrize(
    "settings",
    [
        {SETTING: "import_export.tmp_storages.MediaStorage"},
        {SETTING: "import_export.tmp_storages.CacheStorage", "CACHES": DATABASE},
        # The cache's own finding names it.
        {SETTING: "import_export.tmp_storages.CacheStorage", "CACHES": LOCAL},
        {"IMPORT_EXPORT_SKIP_ADMIN_CONFIRM": True},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(INSTALLED_APPS=APPS, **settings))) == []


def test_not_installed(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(INSTALLED_APPS=["django_scaleready"]))) == []


@pytest.mark.parametrize(
    "files",
    [
        ("import_export/__init__.py", "manage.py"),
        ("api/import_export/__init__.py", "manage.py"),
        ("src/import_export/__init__.py", "src/__init__.py", "src/manage.py"),
    ],
)
def test_an_app_of_ones_own_is_silent(
    make_project: Callable[..., Project], files: tuple[str, ...]
) -> None:
    project = make_project(dict.fromkeys(files, ""), INSTALLED_APPS=APPS)
    assert list(RULE.find(project)) == []


def test_an_app_of_ones_own_with_a_longer_name_is_no_other(
    make_project: Callable[..., Project],
) -> None:
    files = {"shop/__init__.py": "", "shop/import_export/__init__.py": ""}
    assert len(list(RULE.find(make_project(files, INSTALLED_APPS=APPS)))) == 1


class Renamed(TempFolderStorage):
    pass
