"""lock-local: a lock of one machine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.project import Project
from django_scaleready.checks.rules.lock_local import RULE

HEAD = """import fcntl
from filelock import FileLock
from django.core.cache import cache
"""


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with FileLock('/tmp/x'): ...",
        "def f(file): fcntl.flock(file, fcntl.LOCK_EX)",
        "import filelock\ndef f():\n  with filelock.ReadWriteLock('/tmp/x.db').read_lock(): ...",
        "import portalocker\ndef f(file): portalocker.lock(file, 2)",
        "from django.core.files import locks\ndef f(file): locks.lock(file, locks.LOCK_EX)",
        "def f(x):\n  if x: lock = FileLock('/tmp/x')\n  else: lock = None",
        "def f(x):\n  if x: FileLock('x')\n  else: print(x)",
        "def f(o):\n  with FileLock('/x'):\n    o.save()\n    open('/y', 'w').write('1')",
        "def f(o):\n  lock = FileLock('/x')\n  with lock: o.save()",
        "import shelve\ndef f(o):\n  with FileLock('/x'), shelve.open('/y') as db: o.save()",
        "import shelve\ndef f(o):\n  with FileLock('/x'): ask(o)\n  with shelve.open('/y'): ...",
    ],
)
def test_finds(make_project: Callable[..., Project], code: str) -> None:
    assert len(list(RULE.find(make_project({"shop/code.py": HEAD + code})))) == 1


@pytest.mark.parametrize(
    "code",
    [
        "def f():\n  with cache.lock('x'): ...",
        "def f(file): fcntl.fcntl(file, 1)",
        "import threading\nLOCK = threading.Lock()\ndef f():\n  with LOCK: ...",
        "def f(huey): huey.lock_task('x')",
        "import yaml\ndef f():\n  with FileLock('/x'):\n    with open('/y') as y: yaml.load(y)",
        "import shelve\ndef f():\n  with FileLock('/x'), shelve.open('/y') as db: db['a'] = 1",
        "import shelve\ndef f():\n  with FileLock('/x'):\n    with shelve.open('/y') as db: f(db)",
        "import shelve\ndef f():\n  lock = FileLock('/x')\n  with lock, shelve.open('/y'): ask()",
        "def f():\n  lock = FileLock('/x')\n  with lock: open('/y', 'w').write('1')",
        "class S(FileSystemStorage):\n  def _save(self, f): fcntl.flock(f, fcntl.LOCK_EX)",
        "def f(shared):\n  if shared: lock = cache.lock('x')\n  else: lock = FileLock('/tmp/x')",
        "def f(c):\n  if c: lock = cast('C', cache).lock('x')\n  else: lock = FileLock('/tmp/x')",
        "def f(local):\n  if local: lock = FileLock('/tmp/x')\n  else: lock = Redlock('x')",
    ],
)
def test_stays_silent(make_project: Callable[..., Project], code: str) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + code}))) == []


ROWS = """import threading
LOCK = threading.Lock()
KNOWN = {}
class Entry(Model):
  lock = threading.RLock()
  def save(self):
    BODY
"""


@pytest.mark.parametrize(
    "body",
    [
        "with self.lock:\n      self.n = Entry.objects.count() + 1\n      super().save()",
        "with LOCK:\n      if Entry.objects.exists(): return\n      make(self)",
        "with Entry.lock: Entry.objects.filter(x=1).update(x=2)",
        "with LOCK:\n      if Entry.objects.exists(): known().resister(self)",
        "with LOCK:\n      known().register(self)\n      Entry.objects.create(x=1)",
        "with LOCK:\n      row = Entry.objects.get(pk=1)\n      row.n += 1\n      row.save()",
    ],
)
def test_finds_a_threads_lock_before_rows(make_project: Callable[..., Project], body: str) -> None:
    found = list(RULE.find(make_project({"shop/models.py": ROWS.replace("BODY", body)})))
    assert [finding.location.line for finding in found] == [7]
    assert "threads of one process" in found[0].message


@pytest.mark.parametrize(
    "body",
    [
        "with LOCK:\n      if 1 not in KNOWN: KNOWN[1] = Entry.objects.get(pk=1)",
        "with LOCK: KNOWN.update(Entry.objects.values_list('a', 'b').first())",
        "with self.lock: self.known = Entry.objects.first()",
        "with self.lock: Entry.known = Entry.objects.first()",
        "global KNOWN\n    with LOCK: KNOWN = Entry.objects.first()",
        "with self.lock: type(self).known = Entry.objects.first()",
        "with LOCK:\n      row = Entry.objects.first()\n      known().register(row)",
        "with LOCK:\n      if Entry.objects.exists(): known().unregister_by('a')",
        "with self.lock: super().save()",
        "with self.own: Entry.objects.create(x=1)",
        "with cache.lock('x'): Entry.objects.create(x=1)",
    ],
)
def test_leaves_a_threads_lock_before_memory(
    make_project: Callable[..., Project], body: str
) -> None:
    assert list(RULE.find(make_project({"shop/models.py": ROWS.replace("BODY", body)}))) == []


def test_a_command_is_silent(make_project: Callable[..., Project]) -> None:
    files = {"shop/management/commands/work.py": HEAD + "def f():\n  with FileLock('/tmp/x'): ..."}
    assert list(RULE.find(make_project(files))) == []


@pytest.mark.parametrize(("kind", "found"), [("SqliteHuey", 1), ("RedisHuey", 0)])
def test_hueys_lock_is_as_wide_as_its_storage(
    make_project: Callable[..., Project], kind: str, found: int
) -> None:
    project = make_project(
        {"shop/code.py": "def f(huey): huey.lock_task('x')"},
        INSTALLED_APPS=["django_scaleready", "huey.contrib.djhuey"],
        HUEY={"huey_class": f"huey.{kind}", "immediate": False},
    )
    assert len(list(RULE.find(project))) == found


INDEX = "import sqlite3\nfrom django.conf import settings\n"
OPENS = "def known(): return sqlite3.connect(settings.INDEX_DIR / 'index.db')\n"
TAKES = "def add(one):\n  with FileLock(settings.INDEX_LOCK):\n    {}\n"
BESIDE = {"INDEX_DIR": Path("/srv/index"), "INDEX_LOCK": Path("/srv/index/.lock")}


@pytest.mark.parametrize("lock", ["/srv/index/.lock", Path("/srv/index/locks/write")])
def test_a_lock_beside_a_database_in_files_is_silent(
    make_project: Callable[..., Project], lock: str | Path
) -> None:
    code = HEAD + INDEX + OPENS + TAKES.format("known().execute('x', one)")
    project = make_project({"shop/code.py": code}, **{**BESIDE, "INDEX_LOCK": lock})
    assert list(RULE.find(project)) == []


@pytest.mark.parametrize(
    ("code", "lock"),
    [
        # There is no such database, or it is elsewhere, or rows are the other thing it guards.
        (TAKES.format("add_to(one)"), "/srv/index/.lock"),
        (OPENS + TAKES.format("known().execute('x', one)"), "/srv/other/.lock"),
        (OPENS + TAKES.format("Entry.objects.create(x=known())"), "/srv/index/.lock"),
    ],
)
def test_a_lock_of_more_than_a_database_in_files_is_found(
    make_project: Callable[..., Project], code: str, lock: str
) -> None:
    files = {"shop/code.py": HEAD + INDEX + code}
    project = make_project(files, **{**BESIDE, "INDEX_LOCK": Path(lock)})
    assert len(list(RULE.find(project))) == 1


OWN = "class Index:\n  def add(self, one):\n"
LOCKED = OWN + "    with FileLock({}):\n      {}\n"
OPENED = OWN + "    with {}.open('w') as f:\n      fcntl.flock(f.fileno(), fcntl.LOCK_EX)\n"
GIVEN = "def add(path, root, one):\n  with FileLock({}):\n    {}\n"


@pytest.mark.parametrize(
    "code",
    [
        LOCKED.format("self.path / '.lock'", "self.write(one)"),
        LOCKED.format("str(self.backend.root / '.lock')", "self.write(one)"),
        LOCKED.format("os.path.join(self.folder, '.lock')", "self.write(one)"),
        OPENED.format("(self.path / '.lock')"),
        GIVEN.format("f'{path}.lock'", "add_to(path, one)"),
        GIVEN.format("path + '.lock'", "add_to(path, one)"),
        GIVEN.format("path.with_suffix('.lock')", "add_to(path, one)"),
        GIVEN.format("'%s.lock' % path", "add_to(path, one)"),
    ],
)
def test_a_lock_beside_what_it_guards_is_silent(
    make_project: Callable[..., Project], code: str
) -> None:
    assert list(RULE.find(make_project({"shop/code.py": HEAD + "import os\n" + code}))) == []


@pytest.mark.parametrize(
    "code",
    [
        # Rows are asked for, or saved; the folder is one for locks, or everybody's.
        LOCKED.format("self.path / '.lock'", "Entry.objects.create(x=one)"),
        LOCKED.format("self.path / '.lock'", "one.save()"),
        LOCKED.format("self.lock_dir / 'add'", "self.write(one)"),
        LOCKED.format("f'/tmp/{self.path}.lock'", "self.write(one)"),
        LOCKED.format("self.path", "self.write(one)"),
        LOCKED.format("os.path.join(settings.ROOT, '.lock')", "self.write(one)"),
        GIVEN.format("ROOT / f'{path}.lock'", "add_to(path, one)"),
        GIVEN.format("'.'.join(['billing', 'lock'])", "add_to(path, one)"),
    ],
)
def test_a_lock_of_more_than_its_folder_is_found(
    make_project: Callable[..., Project], code: str
) -> None:
    head = HEAD + "import os\nfrom django.conf import settings\nROOT = settings.ROOT\n"
    assert len(list(RULE.find(make_project({"shop/code.py": head + code}, ROOT="/srv")))) == 1


BILL = "shop/management/commands/bill.py"
BASE = "shop/management/commands/__init__.py"
COMMAND = "from django.core.management.base import BaseCommand\n"
LOCKING = "  def handle(self, **options):\n    with FileLock('/tmp/bill'): self.work()\n"
OWN_LOCK = {BILL: f"{HEAD}{COMMAND}class Command(BaseCommand):\n{LOCKING}"}
DERIVED = {
    BASE: f"{HEAD}{COMMAND}class Locked(BaseCommand):\n{LOCKING}",
    BILL: "from shop.management.commands import Locked\n"
    "class Command(Locked):\n  def work(self): ...\n",
}
TABLE = {"crontab": "0 3 * * * root python manage.py bill\n"}
CRON_IMAGE = {"Dockerfile": 'FROM python\nCOPY . /app\nCMD ["cron", "-f"]\n'}


OF_SCRIPT = {"bill.py": f"{HEAD}def main():\n  with FileLock('/tmp/b'): work()\nmain()\n"}
SCRIPTED = {"crontab": "0 3 * * * root python bill.py\n"}


@pytest.mark.parametrize("files", [OWN_LOCK, DERIVED, OF_SCRIPT | SCRIPTED])
def test_a_command_that_a_containers_cron_starts(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    (finding,) = RULE.find(make_project({**TABLE, **files, **CRON_IMAGE}))
    assert finding.location.path in files


@pytest.mark.parametrize(
    "files",
    [
        # The cron of a machine; one that starts another command; an image without one.
        {**OWN_LOCK, **TABLE},
        {**OF_SCRIPT, **SCRIPTED},
        {**OF_SCRIPT, **TABLE, **CRON_IMAGE},
        {**OWN_LOCK, "crontab": "0 3 * * * root python manage.py tidy\n", **CRON_IMAGE},
        {**OWN_LOCK, **TABLE, "Dockerfile": "FROM python\nCOPY . /app\nCMD gunicorn shop.wsgi\n"},
        {**DERIVED, BILL: COMMAND + "class Command(BaseCommand): ...\n", **TABLE, **CRON_IMAGE},
    ],
)
def test_a_command_that_no_containers_cron_starts(
    make_project: Callable[..., Project], files: dict[str, str]
) -> None:
    assert list(RULE.find(make_project(files))) == []
