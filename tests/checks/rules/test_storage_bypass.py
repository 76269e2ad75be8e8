"""storage-bypass: what is written past the storage binds it to a disk."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.storage_bypass import RULE

HEAD = """import zipfile, shutil
from django.core.files.storage import default_storage
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f(n): zipfile.ZipFile(default_storage.path(n), 'w')",
        "def f(n): open(default_storage.path(n), 'wb')",
        "def f(order): open(order.scan.path, 'wb')",
        "import os\ndef f(n): open(os.path.join(default_storage.location, n), 'wb')",
        "def f(n): shutil.move(n, f'{default_storage.base_location}/{n}')",
        "def f(n, order): shutil.copy(n, order.scan.path)",
        "def f(image, order): image.save(order.scan.path)",
        "def f(n, find): open(find(n).scan.path, 'wb')",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f(n): default_storage.open(n, 'wb')",
        "def f(n): open(default_storage.path(n), 'rb')",
        "def f(order): order.scan.open('wb')",
        "def f(order): return order.scan.path",
        "def f(image, upload): image.save(upload.temporary_file_path())",
        "import os\ndef f(order): os.remove(order.scan.path)",
        "def f(order): shutil.copy(order.scan.path, '/tmp/x')",
        "def f(): return default_storage.location",
        "def f(o): open(o.location, 'wb')",
        "def f(request): return request.path",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "def f(n): zipfile.ZipFile(default_storage.path(n), 'w')"
    }
    assert list(RULE.find(make_project(files))) == []
