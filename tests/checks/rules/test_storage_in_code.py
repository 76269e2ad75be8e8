"""storage-in-code: a storage on the disk, whatever the settings say."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.storage_in_code import RULE

HEAD = """from django.core.files.storage import FileSystemStorage
from django.conf import settings
from django.db import models
import tempfile
"""


@pytest.mark.parametrize(
    "code",
    [
        "class M(models.Model):\n  f = models.FileField(storage=FileSystemStorage('/srv/x'))",
        "class W:\n  file_storage = FileSystemStorage(location=settings.UPLOADS)",
        "def f(): FileSystemStorage().save('x', 'y')",
        "class Own(FileSystemStorage): ...\nclass OurStorage(Own): ...\ndef f(): OurStorage()",
        "DEFAULT_BACKEND = 'django.core.files.storage.FileSystemStorage'",
        (
            "class OwnStorage(FileSystemStorage):\n  def _save(self, name, content):\n"
            "    return super()._save(name.lower(), content)\ndef f(): OwnStorage()"
        ),
        "class OwnStorage(FileSystemStorage):\n  def url(self, name): ...\ndef f(): OwnStorage()",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "class S(FileSystemStorage): ...",
        "class OurStorage(S3Storage): ...\ndef f(): OurStorage()",
        "class OurStaticStorage(FileSystemStorage): ...\ndef f(): OurStaticStorage()",
        "class F(BaseFinder):\n  def list(self): return FileSystemStorage('/srv/logos')",
        (
            "class OwnStorage(FileSystemStorage):\n  def _save(self, name, content):\n"
            "    return put_object(name, content)\ndef f(): OwnStorage()"
        ),
        "DEFAULT_FILE_STORAGE = 'django.core.files.storage.FileSystemStorage'",
        "def f(): FileSystemStorage(tempfile.mkdtemp())",
        "def f(): FileSystemStorage(settings.STATIC_ROOT)",
        "STATIC_BACKEND = 'django.core.files.storage.FileSystemStorage'",
        "DEFAULT_BACKEND = 'storages.backends.s3.S3Storage'",
        "def f(name): return name == 'django.core.files.storage.FileSystemStorage'",
        "from storages.backends.s3 import S3Storage\ndef f(): S3Storage()",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "class M(models.Model):\n  f = models.FileField(storage=FileSystemStorage('/srv/x'))"
    }
    assert list(RULE.find(make_project(files))) == []
