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
        "def f(p):\n  s = FileSystemStorage()\n  return s.save(s.get_available_name(p), p)",
        "def f(p):\n  s = FileSystemStorage()\n  store(s, s.get_available_name(p))",
        "def f(): FileSystemStorage().open('x')",
        "def f(p):\n  s = FileSystemStorage(p)\n  s.listdir('.')\n  s.save('x', p)",
        "def f(p):\n  s = FileSystemStorage(p)\n  return s",
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
        "def f(p): return FileSystemStorage().get_available_name(p)",
        (
            "def f(p):\n  s = FileSystemStorage()\n  p = s.get_available_name(p)\n"
            "  with open(p, 'wb') as out: out.write(b'')"
        ),
        "def f(p):\n  s = FileSystemStorage()\n  return s.path(s.get_valid_name(p))",
        "def f(p):\n  s = FileSystemStorage(location=p)\n  return s.listdir('.')",
        "def f(p): return FileSystemStorage('/srv/orders').size(p)",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shop/code.py": "receipts = FileSystemStorage('/srv/receipts')"}, 0),
        (
            {
                "shop/code.py": "receipts = FileSystemStorage('/srv/receipts')",
                "shop/views.py": "from shop.code import HEAD\n",
            },
            0,
        ),
        ({"shop/code.py": "copies = FileSystemStorage('/')\ndef f(p): copies.save(p, p)"}, 0),
        (
            {
                "shop/code.py": "receipts = FileSystemStorage('/srv/receipts')",
                "shop/views.py": "from shop.code import receipts\n",
            },
            1,
        ),
        (
            {
                "shop/code.py": "receipts = FileSystemStorage('/srv/receipts')",
                "shop/views.py": "from shop import code\ndef f(p): code.receipts.save(p, p)",
            },
            1,
        ),
        (
            {
                "shop/code.py": "receipts = FileSystemStorage('/srv/receipts')\n"
                "class M(models.Model):\n  f = models.FileField(storage=receipts)"
            },
            1,
        ),
        ({"shop/code.py": "r = FileSystemStorage('/srv')\ndef f(p): r.save(p, p)"}, 1),
    ],
)
def test_a_storage_that_nobody_reads_by_its_name(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    files = {**files, "shop/code.py": HEAD + files["shop/code.py"]}
    assert len(list(RULE.find(make_project(files)))) == count


SAVED = "  n = fs.save('x.csv', u)\n  p = fs.path(n)\n  read(open(p))\n"
REMOVED = "  if os.path.exists(p): os.remove(p)\n"
USER = "import os\nfrom shop.code import fs\n"
AT_TOP = "fs = FileSystemStorage('csv_tmp/')\n"


@pytest.mark.parametrize(
    "code",
    [
        f"import os\n{AT_TOP}def f(u):\n{SAVED}{REMOVED}",
        (
            f"import os\n{AT_TOP}def f(u):\n  try:\n  {SAVED.replace(chr(10), chr(10) + '  ')}"
            f"  pass\n  finally:\n  {REMOVED}"
        ),
        f"{AT_TOP}def f(u):\n{SAVED}  fs.delete(n)\n",
        f"def f(u):\n  fs = FileSystemStorage()\n{SAVED}  fs.delete(n)\n",
        "def f(u):\n  fs = FileSystemStorage()\n  fs.save(u.name, u)\n  fs.delete(u.name)\n",
        f"import os\ndef f(u):\n  fs = FileSystemStorage()\n{SAVED}{REMOVED}  return p\n",
    ],
)
def test_what_a_function_saves_and_removes_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


@pytest.mark.parametrize(
    "code",
    [
        f"def f(u):\n  fs = FileSystemStorage()\n{SAVED}",
        f"import os\ndef f(u):\n  fs = FileSystemStorage()\n{SAVED}  os.remove(u)\n",
        f"import os\ndef f(u):\n  fs = FileSystemStorage()\n{SAVED}  keep(fs)\n{REMOVED}",
        f"import os\ndef f(u):\n  global fs\n  fs = FileSystemStorage()\n{SAVED}{REMOVED}",
        (
            f"def f(u):\n  fs = FileSystemStorage()\n{SAVED}"
            "  if not p:\n    fs.delete(n)\n    return\n"
        ),
        f"{AT_TOP}def f(u):\n{SAVED}  fs.delete(n)\ndef g(u): fs.save(u.name, u)\n",
        (
            f"{AT_TOP}def f(u):\n{SAVED}  fs.delete(n)\n"
            "class M(models.Model):\n  f = models.FileField(storage=fs)\n"
        ),
    ],
)
def test_what_a_function_leaves_in_a_storage_is_a_finding(
    make_project: Callable[..., Project], code: str
) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    ("files", "count"),
    [
        ({"shop/a.py": f"{USER}def f(u):\n{SAVED}{REMOVED}"}, 0),
        ({"shop/a.py": f"{USER}def f(u):\n{SAVED}"}, 1),
        (
            {
                "shop/a.py": f"{USER}def f(u):\n{SAVED}{REMOVED}",
                "shop/b.py": f"{USER}def g(u): return fs.open(u)\n",
            },
            1,
        ),
        (
            {
                "shop/a.py": f"{USER}def f(u):\n{SAVED}{REMOVED}",
                "shop/b.py": "from shop import code\ndef g(u): return code.fs.save('x', u)\n",
            },
            1,
        ),
        (
            {
                "shop/a.py": f"{USER}def f(u):\n{SAVED}{REMOVED}",
                "shop/b.py": f"{USER}def g(u):\n{SAVED}  fs.delete(n)\n",
            },
            0,
        ),
        ({"shop/a.py": "import shop.code\n"}, 0),
        ({"shop/a.py": "import shop.code\ndef f(): return shop.code.fs\n"}, 1),
    ],
)
def test_a_storage_that_other_files_use(
    make_project: Callable[..., Project], files: dict[str, str], count: int
) -> None:
    project = make_project({"shop/code.py": HEAD + AT_TOP, **files})
    assert len(list(RULE.find(project))) == count


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {
        "shop/management/commands/work.py": HEAD
        + "class M(models.Model):\n  f = models.FileField(storage=FileSystemStorage('/srv/x'))"
    }
    assert list(RULE.find(make_project(files))) == []


DECIDED = [
    "if {asked}:\n    return S3Storage()\n  else:\n    return FileSystemStorage()",
    "if {asked}:\n    return S3Storage()\n  return FileSystemStorage()",
    "return S3Storage() if {asked} else FileSystemStorage()",
]
ASKED = [
    "settings.SCAN_STORAGE.endswith('S3Storage')",
    "getattr(settings, 'SCAN_STORAGE') == 'storages.backends.s3.S3Storage'",
    "value.endswith('S3Storage')",
]


@pytest.mark.parametrize("code", DECIDED)
@pytest.mark.parametrize("asked", ASKED)
@pytest.mark.parametrize(
    "storage", ["django.core.files.storage.FileSystemStorage", "storages.backends.s3.S3Storage"]
)
def test_what_a_setting_decides_is_the_settings(
    make_project: Callable[..., Project], code: str, asked: str, storage: str
) -> None:
    body = f"def f():\n  value = settings.SCAN_STORAGE\n  {code.format(asked=asked)}"
    project = make_project({"shop/code.py": HEAD + body}, SCAN_STORAGE=storage)
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize("code", DECIDED)
@pytest.mark.parametrize(
    ("asked", "value"), [("settings.SCAN_STORAGE", True), ("settings.SCANS", "shop.scans.Scans")]
)
def test_another_setting_names_no_storage(
    make_project: Callable[..., Project], code: str, asked: str, value: object
) -> None:
    body = f"def f():\n  {code.format(asked=asked)}"
    name = asked.removeprefix("settings.")
    project = make_project({"shop/code.py": HEAD + body}, **{name: value})
    assert len(list(RULE.find(project))) == 1


@pytest.mark.parametrize(
    ("storage", "places"),
    [
        ("OwnStorage", [["shop/code.py:8", "shop/code.py:5", "shop/code.py:9"]]),
        ("FileSystemStorage", [["shop/code.py:8"], ["shop/code.py:9"]]),
    ],
)
def test_what_the_projects_own_class_makes_is_one(
    make_project: Callable[..., Project], storage: str, places: list[list[str]]
) -> None:
    code = (
        "class OwnStorage(FileSystemStorage):\n  pass\nclass M(models.Model):\n"
        f"  a = models.FileField(storage={storage}())\n"
        f"  b = models.FileField(storage={storage}())\n"
    )
    findings = RULE.find(make_project({"shop/code.py": HEAD + code}))
    assert [[str(f.location), *sorted(map(str, f.related))] for f in findings] == places


CHOSEN = """from django.core.files.storage import FileSystemStorage, default_storage
from {conf} import settings


def select():
    if settings.SHOP_STORAGE == "shop.storage.Disk":
        return FileSystemStorage()
    return default_storage
"""
DISK, BUCKET = "shop.storage.Disk", "shop.storage.Bucket"


@pytest.mark.parametrize("conf", ["django.conf", "shop.conf"])
@pytest.mark.parametrize(
    ("files", "settings", "count"),
    [
        ({}, {}, 0),
        ({"shop/defaults.py": "SHOP_STORAGE = None\n"}, {}, 0),
        ({"shop/defaults.py": "SHOP_STORAGE = ''\n"}, {}, 0),
        ({"shop/defaults.py": f"SHOP_STORAGE = '{BUCKET}'\n"}, {}, 0),
        ({"shop/defaults.py": f"SHOP_STORAGE = '{DISK}'\n"}, {"SHOP_STORAGE": "uploads"}, 0),
        ({"shop/defaults.py": f"SHOP_STORAGE = '{DISK}'\n"}, {"SHOP_STORAGE": None}, 0),
        ({"shop/defaults.py": f"OTHER_STORAGE = '{DISK}'\n"}, {}, 0),
        ({"shop/defaults.py": f"SHOP_STORAGE = '{DISK}'\n"}, {}, 1),
        ({"shop/defaults.py": f"class C:\n  SHOP_STORAGE = '{DISK}'\n"}, {}, 1),
        ({"shop/defaults.py": f"DEFAULTS = {{'SHOP_STORAGE': '{DISK}'}}\n"}, {}, 1),
        ({"shop/defaults.py": f"x = getattr(settings, 'SHOP_STORAGE', '{DISK}')\n"}, {}, 1),
        ({"shop/defaults.py": "SHOP_STORAGE = env('SHOP_DISK')\n"}, {}, 1),
        ({}, {"SHOP_STORAGE": "shop"}, 0),
    ],
)
def test_a_storage_that_no_setting_chooses(
    make_project: Callable[..., Project],
    conf: str,
    files: dict[str, str],
    settings: dict[str, str | None],
    count: int,
) -> None:
    project = make_project({"shop/code.py": CHOSEN.format(conf=conf), **files}, **settings)
    assert len(list(RULE.find(project))) == count


@pytest.mark.parametrize(
    ("this", "that"),
    [
        ("settings.SHOP_STORAGE ==", "settings.SHOP_STORAGE !="),
        ("settings.SHOP_STORAGE ==", "mode() =="),
        ("settings.SHOP_STORAGE ==", "settings.SHOP_MODE =="),
        ("return default_storage", "return FileSystemStorage()"),
    ],
)
def test_what_is_asked_otherwise_may_be_made(
    make_project: Callable[..., Project], this: str, that: str
) -> None:
    code = CHOSEN.format(conf="django.conf").replace(this, that)
    assert len(list(RULE.find(make_project({"shop/code.py": code})))) == 1
