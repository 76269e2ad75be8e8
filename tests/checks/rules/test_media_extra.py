"""media-extra: an app's own storage setting."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from support import vault

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules import media_local, storage_in_code
from django_scaleready.checks.rules.media_extra import RULE


@pytest.mark.parametrize(
    "settings",
    [
        {"INVOICE_STORAGE": "django.core.files.storage.FileSystemStorage"},
        {"EXPORT_STORAGE_CLASS": "django.core.files.storage.InMemoryStorage"},
        {"CHUNKED_UPLOAD_STORAGE_CLASS": FileSystemStorage},
        {"INSTALLED_APPS": ["support.vault"]},
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
        # media-local's, and rules of their own.
        {"DEFAULT_FILE_STORAGE": "django.core.files.storage.FileSystemStorage"},
        {"COMPRESS_STORAGE": "django.core.files.storage.FileSystemStorage"},
        {"DBBACKUP_STORAGE": "django.core.files.storage.FileSystemStorage"},
        {"INSTALLED_APPS": ["support.uploads"]},
        {
            "INVOICE_STORAGE": "django.core.files.storage.FileSystemStorage",
            "MEDIA_ROOT": "/mnt/shared/media",
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
        {"INSTALLED_APPS": ["support.vault"], "SCALEREADY": {"SHARED_PATHS": ["/srv"]}},
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    assert list(RULE.find(make_project(**settings))) == []


def test_thumbnails_are_made_again(make_project: Callable[..., Project]) -> None:
    storage = "django.core.files.storage.FileSystemStorage"
    (finding,) = RULE.find(make_project(THUMBNAIL_DEFAULT_STORAGE=storage))
    assert finding.severity is Severity.INFO


def test_the_fields_of_one_storage_are_one_finding(make_project: Callable[..., Project]) -> None:
    text = "INSTALLED_APPS = [\n    'support.vault',\n]\n"
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert finding.message.startswith("VaultStorage keeps the files of vault.Contract.signed and 1")
    # The model is not the project's, so its place is where the project takes it in.
    assert str(finding.location) == "settings.py:2"


def test_a_class_of_the_projects_own_is_left_to_the_rule_on_code(
    make_project: Callable[..., Project],
) -> None:
    own = Path(vault.__file__).with_name("models.py").read_text()
    project = make_project({"support/vault/models.py": own}, INSTALLED_APPS=["support.vault"])
    assert list(RULE.find(project)) == []
    (finding,) = storage_in_code.RULE.find(project)
    assert len(finding.related) == 2


def test_a_setting_that_names_the_storage_of_a_field_is_the_finding(
    make_project: Callable[..., Project],
) -> None:
    settings = {"VAULT_STORAGE": "support.vault.models.VaultStorage"}
    (finding,) = RULE.find(make_project(INSTALLED_APPS=["support.vault"], **settings))
    assert finding.message.startswith("VAULT_STORAGE is")


def test_what_cannot_be_imported_is_unknown(make_project: Callable[..., Project]) -> None:
    project = make_project(INVOICE_STORAGE="nowhere.Storage")
    assert list(RULE.find(project)) == []
    assert [unknown.subject for unknown in project.unknown] == ["nowhere.Storage"]


DISK = "django.core.files.storage.FileSystemStorage"
BRANCH = """
from django.conf import settings
from django.core.files.storage import FileSystemStorage

def make():
    if settings.INVOICE_STORAGE.endswith("S3Storage"):
        return S3Storage()
    return FileSystemStorage()
"""


@pytest.mark.parametrize(
    ("lines", "related"),
    [
        ("EXPORT_STORAGE = INVOICE_STORAGE", ["settings.py:2"]),
        ("X = INVOICE_STORAGE\nEXPORT_STORAGE = X", ["settings.py:3"]),
        ("THUMBNAIL_STORAGE = INVOICE_STORAGE", ["settings.py:2"]),
        ("STORAGES = {\n 'invoices': {'BACKEND': INVOICE_STORAGE}}", ["settings.py:3"]),
        (
            "STORAGES = {}\nSTORAGES['invoices'] = {'BACKEND': INVOICE_STORAGE}",
            ["settings.py:3"],
        ),
    ],
)
def test_what_is_made_from_a_setting_is_named_with_it(
    make_project: Callable[..., Project], lines: str, related: list[str]
) -> None:
    text = f"INVOICE_STORAGE = '{DISK}'\n{lines}\n"
    (finding,) = RULE.find(make_project({"settings.py": text}))
    assert finding.message.startswith("INVOICE_STORAGE is")
    assert [str(place) for place in finding.related] == related


@pytest.mark.parametrize(
    "line", [f"EXPORT_STORAGE = '{DISK}'", "EXPORT_STORAGE = str(INVOICE_STORAGE)"]
)
def test_two_settings_that_are_written_by_themselves_are_two(
    make_project: Callable[..., Project], line: str
) -> None:
    text = f"INVOICE_STORAGE = '{DISK}'\n{line}\n"
    assert len(list(RULE.find(make_project({"settings.py": text})))) == 2


def test_a_storage_that_it_decides_about_is_named_with_it(
    make_project: Callable[..., Project],
) -> None:
    (finding,) = RULE.find(make_project({"shop/code.py": BRANCH}, INVOICE_STORAGE=DISK))
    assert [str(place) for place in finding.related] == ["shop/code.py:8"]


USE = "from django.core.files.storage import default_storage\ndefault_storage.save('x', None)\n"


@pytest.mark.parametrize(
    "text",
    [
        f"UPLOAD_STORAGE = '{DISK}'\nSTORAGES = {{'default': {{'BACKEND': UPLOAD_STORAGE}}}}\n",
        f"DEFAULT_FILE_STORAGE = '{DISK}'\nUPLOAD_STORAGE = DEFAULT_FILE_STORAGE\n",
    ],
)
@pytest.mark.parametrize(("code", "count"), [(USE, 0), ("", 1)])
def test_the_storage_of_uploads_is_left_to_media_local(
    make_project: Callable[..., Project], text: str, code: str, count: int
) -> None:
    project = make_project({"settings.py": text, "shop/code.py": code})
    assert len(list(RULE.find(project))) == count
    (finding,) = media_local.RULE.find(project)
    assert (project.where("UPLOAD_STORAGE") in finding.related) is not bool(count)
