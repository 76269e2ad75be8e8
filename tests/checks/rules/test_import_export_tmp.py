"""import-export-tmp: the confirmation may reach another replica."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from import_export.tmp_storages import TempFolderStorage

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.import_export_tmp import RULE, SETTING

ADMIN = {"shop/admin.py": "from import_export.admin import ImportExportModelAdmin\n"}
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
    assert len(list(RULE.find(make_project(ADMIN, INSTALLED_APPS=APPS, **settings)))) == 1


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
    assert list(RULE.find(make_project(ADMIN, INSTALLED_APPS=APPS, **settings))) == []


def test_not_installed(make_project: Callable[..., Project]) -> None:
    assert list(RULE.find(make_project(ADMIN, INSTALLED_APPS=["django_scaleready"]))) == []


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
    project = make_project({**ADMIN, **dict.fromkeys(files, "")}, INSTALLED_APPS=APPS)
    assert list(RULE.find(project)) == []


def test_an_app_of_ones_own_with_a_longer_name_is_no_other(
    make_project: Callable[..., Project],
) -> None:
    files = {**ADMIN, "shop/__init__.py": "", "shop/import_export/__init__.py": ""}
    assert len(list(RULE.find(make_project(files, INSTALLED_APPS=APPS)))) == 1


class Renamed(TempFolderStorage):
    pass


@pytest.mark.parametrize(
    "code",
    [
        "from import_export import resources\n",
        "from import_export.admin import ExportModelAdmin\n",
        "",
    ],
)
def test_what_only_exports_or_has_no_admin_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/admin.py": code}, INSTALLED_APPS=APPS))) == []


@pytest.mark.parametrize(
    "code",
    [
        "from import_export import admin\n",
        "from unfold.contrib.import_export.admin import ImportExportModelAdmin\n",
    ],
)
def test_an_admin_may_come_from_elsewhere(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/admin.py": code}, INSTALLED_APPS=APPS)))) == 1


CLASS = "from import_export.admin import ImportExportModelAdmin\n"
STORES = "from import_export.tmp_storages import CacheStorage, TempFolderStorage\n"
CACHED = "class A(ImportExportModelAdmin):\n  tmp_storage_class = CacheStorage\n"
OTHER = "class B(ImportExportModelAdmin):\n  pass\n"
MADE_OF_IT = (
    "class S(TempFolderStorage): pass\nclass A(ImportExportModelAdmin):\n  tmp_storage_class = S\n"
)
NAMED = "import_export.tmp_storages.MediaStorage"


@pytest.mark.parametrize(
    "code",
    [
        CACHED,
        f"class A(ImportExportModelAdmin):\n  tmp_storage_class = '{NAMED}'\n",
        "class A(ImportExportModelAdmin):\n  def get_tmp_storage_class(self): return Ours\n",
        "class M:\n  tmp_storage_class = CacheStorage\nclass A(M, ImportExportModelAdmin): pass\n",
        "class S(CacheStorage): pass\nclass A(ImportExportModelAdmin):\n  tmp_storage_class = S\n",
    ],
)
def test_an_admin_that_names_a_shared_storage_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    project = make_project({"shop/admin.py": CLASS + STORES + code}, INSTALLED_APPS=APPS)
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("code", "lines"),
    [
        (CACHED + OTHER, [5]),
        ("class A(ImportExportModelAdmin):\n  tmp_storage_class = TempFolderStorage\n", [3]),
        ("class A(ImportExportModelAdmin):\n  tmp_storage_class = None\n", [3]),
        (MADE_OF_IT, [4]),
    ],
)
def test_the_admins_are_named_whose_files_wait_on_the_disk(
    make_project: Callable[..., Project], code: str, lines: list[int]
) -> None:
    project = make_project({"shop/admin.py": CLASS + STORES + code}, INSTALLED_APPS=APPS)
    (finding,) = RULE.find(project)
    assert [place.line for place in finding.related] == lines
