"""media-local: an upload on one replica is a 404 on the next."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import FileSystemStorage
from support.stand_ins import StandIns

from django_scaleready.checks.base import Severity
from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.media_local import RULE
from django_scaleready.checks.static.scan import scan

DISK = {"BACKEND": "django.core.files.storage.FileSystemStorage"}
S3 = {"BACKEND": "storages.backends.s3.S3Storage"}
STATIC = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
USE = "from django.core.files.storage import default_storage\ndefault_storage.open('x')"
ALIAS = "from django.core.files.storage import storages\nstorages['exports'].save('x', y)"
STATE = "MAINTENANCE_MODE_STATE_BACKEND"
UPLOADS = ["django_scaleready", "support.uploads"]


def test_use_in_code_makes_it_an_error(make_project: Callable[..., Project]) -> None:
    project = make_project({"views.py": USE}, STORAGES={"default": DISK, "staticfiles": STATIC})
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR
    assert [str(place) for place in finding.related] == ["views.py:1"]


def test_a_file_field_makes_it_an_error(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(INSTALLED_APPS=UPLOADS, STORAGES={"default": DISK}))
    assert finding.severity is Severity.ERROR
    assert "uploads.Receipt.scan" in finding.message


def test_without_use_it_is_information(make_project: Callable[..., Project]) -> None:
    (finding,) = RULE.find(make_project(STORAGES={"default": DISK, "staticfiles": STATIC}))
    assert finding.severity is Severity.INFO


@pytest.mark.parametrize("held", ["storages", "storages.backends"])
def test_another_alias_counts_too(make_project: Callable[..., Project], held: str) -> None:
    code = ALIAS.replace("storages[", f"{held}[")
    project = make_project({"views.py": code}, STORAGES={"default": S3, "exports": DISK})
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("code", "count"),
    [
        ("storages['exports'].open('x')", 0),
        ("storages['exports'].listdir('x')", 0),
        ("storages['exports'].size('x')", 0),
        ("storages['exports'].open('x', 'rb').read()", 0),
        ("a = storages['exports'].url('x')\nb = storages['exports'].exists('x')", 0),
        ("storages['exports'].open('x', 'wb')", 1),
        ("storages['exports'].open('x', mode=m)", 1),
        ("storages['exports'].url(storages['exports'].save('x', y))", 1),
        ("exports = storages['exports']\nexports.open('x')", 1),
    ],
)
def test_an_alias_that_is_only_read_loses_nothing(
    make_project: Callable[..., Project], code: str, count: int
) -> None:
    code = f"from django.core.files.storage import storages\n{code}"
    project = make_project({"views.py": code}, STORAGES={"default": S3, "exports": DISK})
    assert [finding.severity for finding in RULE.find(project)] == [Severity.ERROR] * count


def test_a_field_is_named_with_its_own_alias(make_project: Callable[..., Project]) -> None:
    project = make_project(
        {"views.py": ALIAS},
        INSTALLED_APPS=UPLOADS,
        STORAGES={"exports": DISK, "default": DISK},
    )
    said = {finding.message for finding in RULE.find(project)}
    assert len([message for message in said if "Receipt.scan" in message]) == 1
    assert len([message for message in said if "used by storages['exports']" in message]) == 1


def test_the_memory_is_no_disk(make_project: Callable[..., Project]) -> None:
    memory = {"BACKEND": "django.core.files.storage.InMemoryStorage"}
    (finding,) = RULE.find(make_project({"views.py": USE}, STORAGES={"default": memory}))
    assert "in the memory of each process" in finding.message


def test_a_subclass_and_the_memory_storage_are_found(make_project: Callable[..., Project]) -> None:
    storages = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "docs": {"BACKEND": f"{__name__}.Renamed"},
    }
    assert len(list(RULE.find(make_project(STORAGES=storages)))) == 2


@pytest.mark.parametrize(
    "settings",
    [
        {"STORAGES": {"default": S3, "staticfiles": STATIC}},
        {"STORAGES": {"default": S3, "staticfiles": STATIC, "exports": S3}},
        {
            "STORAGES": {"default": {**DISK, "OPTIONS": {"location": "/mnt/shared/media"}}},
            "SCALEREADY": {"SHARED_PATHS": ["/mnt/shared"]},
        },
    ],
)
def test_stays_silent(make_project: Callable[..., Project], settings: dict[str, Any]) -> None:
    project = make_project({"views.py": USE}, INSTALLED_APPS=UPLOADS, **settings)
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("app", "settings"),
    [
        ("sorl.thumbnail", {}),
        ("imagekit", {"IMAGEKIT_DEFAULT_FILE_STORAGE": "default"}),
        ("easy_thumbnails", {}),
        ("chunked_upload", {}),
        ("wagtail.documents", {}),
        ("maintenance_mode", {STATE: "maintenance_mode.backends.DefaultStorageBackend"}),
    ],
)
def test_an_app_that_stores_there_makes_it_an_error(
    make_project: Callable[..., Project], stand_ins: StandIns, app: str, settings: dict[str, Any]
) -> None:
    storages = {"default": DISK, "staticfiles": STATIC}
    project = make_project(INSTALLED_APPS=[stand_ins.app(app)], STORAGES=storages, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.ERROR


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        ("from attachments.models import Attachment\n", Severity.ERROR),
        ("from attachments.forms import AttachmentForm\n", Severity.INFO),
        ("from shop.attachments.models import Attachment\n", Severity.INFO),
    ],
)
def test_an_app_whose_models_are_used(
    make_project: Callable[..., Project], code: str, severity: Severity
) -> None:
    storages = {"default": DISK, "staticfiles": STATIC}
    (finding,) = RULE.find(make_project({"shop/views.py": code}, STORAGES=storages))
    assert finding.severity is severity


@pytest.mark.parametrize(
    ("app", "settings"),
    [
        ("sorl.thumbnail", {"THUMBNAIL_STORAGE": "other"}),
        ("imagekit", {"IMAGEKIT_DEFAULT_FILE_STORAGE": "other"}),
        ("chunked_upload", {"CHUNKED_UPLOAD_STORAGE_CLASS": "storages.backends.s3.S3Storage"}),
        ("wagtail.contrib.forms", {}),
        ("maintenance_mode", {}),
    ],
)
def test_an_app_that_stores_elsewhere_leaves_it_information(
    make_project: Callable[..., Project], stand_ins: StandIns, app: str, settings: dict[str, Any]
) -> None:
    storages = {"default": DISK, "other": S3, "staticfiles": STATIC}
    project = make_project(INSTALLED_APPS=[stand_ins.app(app)], STORAGES=storages, **settings)
    (finding,) = RULE.find(project)
    assert finding.severity is Severity.INFO


def test_thumbnails_on_an_alias_of_their_own(
    make_project: Callable[..., Project], stand_ins: StandIns
) -> None:
    storages = {"default": S3, "easy_thumbnails": DISK, "staticfiles": STATIC}
    app = stand_ins.app("easy_thumbnails")
    (finding,) = RULE.find(make_project(INSTALLED_APPS=[app], STORAGES=storages))
    assert finding.severity is Severity.ERROR


class Renamed(FileSystemStorage):
    pass


PATHS = """
from django.conf import settings
from django.db import models
from django.http import FileResponse
from django.urls import re_path
from django.views.static import serve
from PIL import Image
import os


class Order(models.Model):
    scan = models.FileField()


def sees(order):
    return Image.open(order.scan.path)


def hands_on(order, send):
    path = order.scan.path
    send(path)


def removes(order):
    os.remove(order.scan.path)


def answers(name):
    return FileResponse(open(os.path.join(settings.MEDIA_ROOT, name), "rb"))


urlpatterns = [re_path("^media/(.*)", serve, {"document_root": settings.MEDIA_ROOT})]


def other(request, order):
    return request.path, order.address.path, open(settings.BASE_DIR / "words")
"""


def test_uploads_that_are_reached_by_their_path_are_named(
    make_project: Callable[..., Project],
) -> None:
    lines = [number for number, line in enumerate(PATHS.splitlines(), 1) if _is_past(line)]
    project = make_project(
        {"shop/views.py": PATHS}, INSTALLED_APPS=UPLOADS, STORAGES={"default": DISK}
    )
    (finding,) = RULE.find(project)
    assert [p.line for p in finding.related if p.path == "shop/views.py"] == lines


def _is_past(line: str) -> bool:
    return "scan.path" in line or "MEDIA_ROOT" in line


@pytest.mark.parametrize("path", ["shop/views.py", "shop/tasks.py"])
def test_they_are_not_where_uploads_are_elsewhere(
    make_project: Callable[..., Project], path: str
) -> None:
    assert list(RULE.find(make_project({path: PATHS}, STORAGES={"default": S3}))) == []


def test_what_a_command_reads_is_not_named(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": PATHS}
    project = make_project(files, INSTALLED_APPS=UPLOADS, STORAGES={"default": DISK})
    (finding,) = RULE.find(project)
    assert [p.path for p in finding.related if p.path.startswith("shop/")] == []


@pytest.mark.parametrize(
    ("backend", "aliases"),
    [("EXPORTS_STORAGE", ["default"]), (repr(DISK["BACKEND"]), ["default", "exports"])],
)
def test_an_entry_whose_class_another_setting_names_is_that_settings(
    make_project: Callable[..., Project], backend: str, aliases: list[str]
) -> None:
    text = (
        f"EXPORTS_STORAGE = {DISK['BACKEND']!r}\n"
        f"STORAGES = {{'default': {DISK}, 'exports': {{'BACKEND': {backend}}}}}\n"
    )
    findings = RULE.find(make_project({"settings.py": text}))
    assert [finding.message.split("'")[1] for finding in findings] == aliases


BOTH = (
    "from django.core.files.storage import default_storage, storages\n"
    "default_storage.save('x', y)\nstorages['public'].save('x', y)\n"
)
LOCAL = f"""
import os
USE_S3 = bool(os.getenv("USE_S3"))
SECRET_KEY = "x"
INSTALLED_APPS = []
ROOT_URLCONF = "urls"
STORAGES = {{"default": {DISK}, "public": {DISK}}}
"""
SWITCHED = f"""{LOCAL}
if USE_S3:
    STORAGES["default"] = {{"BACKEND": "shop.storages.Private"}}
    STORAGES["public"]["BACKEND"] = "shop.storages.Public"
"""
UPDATED = f"""{LOCAL}
if not USE_S3:
    MEDIA_URL = "/media/"
elif True:
    STORAGES.update({{"default": {S3}, "public": {S3}}})
"""
ASSIGNED = UPDATED.replace(".update(", " = (").replace("elif True", "else")


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        (SWITCHED, 1),
        (UPDATED, 1),
        (ASSIGNED, 1),
        # Each has a branch of its own, or one of them stays on a disk.
        (LOCAL, 2),
        (SWITCHED.replace('    STORAGES["pub', 'if os.getenv("PUBLIC"):\n    STORAGES["pub'), 2),
        (
            SWITCHED.replace("shop.storages.Public", "django.core.files.storage.FileSystemStorage"),
            2,
        ),
    ],
)
def test_what_one_branch_switches_is_one_finding(tmp_path: Path, settings: str, count: int) -> None:
    (tmp_path / "settings.py").write_text(settings)
    (tmp_path / "views.py").write_text(BOTH)
    found = [each.finding for each in scan(tmp_path, [RULE]).found]
    assert [finding.severity for finding in found] == [Severity.ERROR] * count
    assert "'default'" in found[0].message
    assert ("'public'" in found[0].message) is (count == 1)


@pytest.mark.parametrize("settings", [SWITCHED, UPDATED, ASSIGNED])
@pytest.mark.parametrize("switch", ["True", 'os.getenv("USE_S3", "1") == "1"'])
def test_the_branch_that_is_taken_is_silent(tmp_path: Path, settings: str, switch: str) -> None:
    taken = settings.replace('bool(os.getenv("USE_S3"))', switch)
    (tmp_path / "settings.py").write_text(taken)
    (tmp_path / "views.py").write_text(BOTH)
    assert scan(tmp_path, [RULE]).found == []


FIELD = "from {} import FileField, {}\n\nclass {}({}):\n    scan = FileField()\n"
ALIASED = """from django import forms

FileField = forms.FileField
if DIRECT:
    class Parent(forms.Form):
        pass
else:
    Parent = forms.Form

class Upload(Parent):
    scan = FileField()
"""
BELOW = """from mongoengine import Document
from shop.fields import stored{0}

class Receipt(Document):
    scan = stored{0}()
"""


@pytest.mark.parametrize(
    ("code", "severity"),
    [
        (ALIASED, Severity.INFO),
        (BELOW.format("FileField"), Severity.INFO),
        (FIELD.format("mongoengine", "Document", "Receipt", "Document"), Severity.INFO),
        (FIELD.format("django.db.models", "Model", "Receipt", "Model"), Severity.ERROR),
        (
            ALIASED.replace("forms.Form", "models.Model").replace("port ", "port models, "),
            Severity.ERROR,
        ),
        (BELOW.format("FileField").replace("mongoengine", "shop.bases"), Severity.ERROR),
    ],
)
def test_a_field_of_a_form_or_a_document_is_no_model_s(
    tmp_path: Path, code: str, severity: Severity
) -> None:
    (tmp_path / "settings.py").write_text(LOCAL)
    (tmp_path / "receipts.py").write_text(code)
    found = [each.finding for each in scan(tmp_path, [RULE]).found]
    found_severities = {finding.severity for finding in found}
    assert (Severity.ERROR in found_severities) is (severity is Severity.ERROR)
