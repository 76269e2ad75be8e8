"""What is seen and what is left alone: real requests, in a process of their own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from support.shop import LEDGER
from support.witnessed import witnessed

from django_scaleready.checks.witnessed import Fate, Kind, Seen

HEAD = """
import ctypes.util, logging, multiprocessing, os, pathlib, platform, shutil, socket, sqlite3
import subprocess, tempfile, threading
import ledger
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, default_storage
from django.http import FileResponse, HttpResponse


kept = []


def page(request):
    return act() or HttpResponse("done")


def act():
"""
LINE = HEAD.count("\n") + 1

See = Callable[[str], tuple[Seen, ...]]


@pytest.fixture
def see(tmp_path: Path) -> See:
    def see(body: str) -> tuple[Seen, ...]:
        lines = "".join(f"    {line}\n" for line in body.splitlines())
        files = {"shop/views.py": HEAD + lines, "site-packages/ledger/__init__.py": LEDGER}
        return witnessed(tmp_path, files)

    return see


FOUND = [
    ("open('a', 'w').close()", Kind.FILE, Fate.STAYS, "a"),
    ("open('a', 'ab').write(b'x')", Kind.FILE, Fate.STAYS, "a"),
    ("os.close(os.open('a', os.O_CREAT | os.O_WRONLY))", Kind.FILE, Fate.STAYS, "a"),
    ("pathlib.Path('a').write_text('x')", Kind.FILE, Fate.STAYS, "a"),
    ("pathlib.Path('manage.py').touch(); os.truncate('manage.py', 0)", Kind.FILE, Fate.STAYS, None),
    ("shutil.copy(__file__, 'copy')", Kind.FILE, Fate.STAYS, "copy"),
    # Written under one name, and there under another.
    ("ledger.Client('token').sign_in()", Kind.FILE, Fate.STAYS, "token"),
    ("ledger.later('late')", Kind.FILE, Fate.STAYS, "late"),
    ("FileSystemStorage('own').save('a', ContentFile(b'x'))", Kind.FILE, Fate.STAYS, "own/a"),
    ("kept.append(tempfile.mkstemp())", Kind.FILE, Fate.TEMPORARY, None),
    ("open(tempfile.mkdtemp() + '/a', 'w').close()", Kind.FILE, Fate.TEMPORARY, None),
    ("f = tempfile.mkstemp()[1]; os.replace(f, 'final')", Kind.FILE, Fate.STAYS, "final"),
    (
        "os.makedirs(p := os.environ['XDG_CACHE_HOME']); open(p + '/a', 'w').close()",
        Kind.FILE,
        Fate.CACHE,
        None,
    ),
    ("ledger.count('x')", Kind.SQLITE, Fate.STAYS, "quota.db"),
    ("ledger.listen()", Kind.SOCKET, Fate.STAYS, "a port of 127.0.0.1"),
    ("ledger.convert()", Kind.PROCESS, Fate.STAYS, "sleep"),
    ("subprocess.Popen(['sleep', '3'])", Kind.PROCESS, Fate.STAYS, "sleep"),
    ("subprocess.run(['true', '--password=x'])", Kind.PROCESS, Fate.ENDED, "true"),
    ("os.system('true password')", Kind.PROCESS, Fate.ENDED, "true"),
    ("os.waitpid(os.posix_spawnp('true', ['true'], {}), 0)", Kind.PROCESS, Fate.ENDED, "true"),
    (
        "p = multiprocessing.get_context('fork').Process(target=int); p.start(); p.join()",
        Kind.PROCESS,
        Fate.STAYS,
        "a fork of itself",
    ),
]


def test_what_is_found(see: See) -> None:
    """All in one request, each at a line of its own."""
    seen = see("\n".join(code for code, *_ in FOUND))
    by_line = {one.place.line: one for one in seen}
    for number, (code, kind, fate, target) in enumerate(FOUND):
        one = by_line.pop(LINE + number, None)
        assert one is not None, f"not seen: {code}"
        assert (one.kind, one.fate) == (kind, fate), code
        assert target in {None, one.target}, code
        assert one.package == ("ledger" if "ledger" in code else ""), code
    assert by_line == {}


SILENT = """
with tempfile.NamedTemporaryFile() as file: file.write(b"x")
with tempfile.TemporaryDirectory() as folder: pathlib.Path(folder, "a").write_text("x")
with tempfile.TemporaryFile() as file: file.write(b"x")
with tempfile.SpooledTemporaryFile(max_size=1) as file: file.write(b"xx")
handle, name = tempfile.mkstemp(); os.close(handle); os.unlink(name)
open("gone", "w").close(); os.remove("gone")
open("one", "w").close(); os.rename("one", "two"); os.remove("two")
os.mkdir("tree"); open("tree/a", "w").close(); shutil.rmtree("tree")
open(os.devnull, "w").close()
open("/proc/self/comm", "w").close()
open("/dev/fd/1", "w").close()
os.write(1, b"to stdout")
open(__file__).read()
open(__file__, "rb").read()
pathlib.Path(__file__).read_text()
open("shop/__init__.py", "a").close()
os.makedirs("__pycache__", exist_ok=True); open("__pycache__/a.tmp", "wb").close()
open("beside.pyc", "wb").close()
default_storage.save("upload", ContentFile(b"x"))
sqlite3.connect(":memory:").execute("create table a (b)")
sqlite3.connect("file:shop/other.db?mode=ro", uri=True).close(); os.utime("shop/other.db")
sqlite3.connect("shop/known.db").execute("select * from a").fetchall()
with socket.socket() as port: port.bind(("127.0.0.1", 0))
kept.append(socket.socket(type=socket.SOCK_DGRAM)); kept[-1].bind(("127.0.0.1", 0))
kept.append(socket.socket()); kept[-1].bind(("127.0.0.1", 0))
socket.socketpair()
ctypes.util.find_library("c"); platform.processor()
threading.Thread(target=int).start()
logging.getLogger("shop").warning("to a file that the settings name")
"""


def test_what_is_silent(see: See, tmp_path: Path) -> None:
    (tmp_path / "shop").mkdir()
    for name in ("known.db", "other.db"):
        with closing(sqlite3.connect(tmp_path / "shop" / name)) as connection:
            connection.execute("create table a (b)")
    assert see(SILENT.strip()) == ()


def test_a_file_that_is_sent_and_deleted_is_silent(see: See) -> None:
    assert see("return FileResponse(tempfile.NamedTemporaryFile())") == ()
