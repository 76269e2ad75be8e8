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


FOLDER = "import os\ndef f(n):\n  d = os.path.dirname(default_storage.path(n))\n"
FIRST = "  with open(os.path.join(d, 'about.json'), 'w') as f: f.write('x')\n"
LAST = "  with zipfile.ZipFile(os.path.join(d, 'all.zip'), 'w') as z: z.write('x')\n"


@pytest.mark.parametrize(
    ("code", "places"),
    [
        (FOLDER + FIRST + LAST, [["shop/code.py:7", "shop/code.py:6"]]),
        (FOLDER + LAST, [["shop/code.py:6"]]),
        (
            FOLDER + FIRST + FOLDER.replace("f(n)", "g(n)") + LAST,
            [["shop/code.py:6"], ["shop/code.py:10"]],
        ),
        (
            (
                "def f(o):\n  open(o.scan.path, 'w')\n  open(o.scan.path, 'a')\n"
                "  open(o.photo.path, 'w')"
            ),
            [["shop/code.py:5", "shop/code.py:4"], ["shop/code.py:6"]],
        ),
    ],
)
def test_what_a_function_writes_to_one_folder_is_one(
    make_project: Callable[..., Project], code: str, places: list[list[str]]
) -> None:
    findings = RULE.find(make_project({"shop/code.py": HEAD + code}))
    found = sorted([str(f.location), *map(str, f.related)] for f in findings)
    assert found == sorted(places)


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
        FOLDER + FIRST.replace("'w'", "'r'"),
        FOLDER + LAST.replace("'w'", "'r'"),
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
