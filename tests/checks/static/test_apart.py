"""Work done in a fork: its result comes back, or it is done here, and nothing is done twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from django_scaleready.checks.base import Area
from django_scaleready.checks.registry import RULES
from django_scaleready.checks.static import apart as apart_module
from django_scaleready.checks.static import scan as scan_module
from django_scaleready.checks.static.apart import apart
from django_scaleready.checks.static.scan import scan

LEAK = "import requests\ndef f(): requests.get('x')\n"
SETTINGS = "SECRET_KEY = 'x'\nROOT_URLCONF = 'urls'\nINSTALLED_APPS = []\nMIDDLEWARE = []\n"
HERE = os.getpid()


@pytest.fixture
def forks(monkeypatch: pytest.MonkeyPatch) -> None:
    # Other tests may have left a thread.
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    monkeypatch.setattr(apart_module, "cores", lambda: 2)


@pytest.mark.usefixtures("forks")
def test_it_is_done_in_another_process_which_ends() -> None:
    assert apart(os.getpid)() != os.getpid()
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, 0)


@pytest.mark.parametrize("why", ["one core", "threads", "another system"])
def test_it_is_done_here(monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2 if why == "threads" else 1)
    monkeypatch.setattr(apart_module, "cores", lambda: 1 if why == "one core" else 2)
    monkeypatch.setattr(sys, "platform", "darwin" if why == "another system" else "linux")
    assert apart(os.getpid)() == os.getpid()


@pytest.mark.usefixtures("forks")
def test_it_is_done_here_where_there_are_no_more_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError("Resource temporarily unavailable")

    opened = len([*Path("/proc/self/fd").iterdir()])
    monkeypatch.setattr(os, "fork", refuse)
    assert apart(os.getpid)() == os.getpid()
    assert len([*Path("/proc/self/fd").iterdir()]) == opened


def _ended() -> int:
    if os.getpid() != HERE:
        os.kill(os.getpid(), signal.SIGKILL)
    return os.getpid()


def _not_sent() -> Callable[[], int]:
    pid = os.getpid()
    return lambda: pid


@pytest.mark.usefixtures("forks")
def test_what_its_process_left_undone_is_done_here() -> None:
    assert apart(_ended)() == os.getpid()
    assert apart(_not_sent)()() == os.getpid()


@pytest.mark.usefixtures("forks")
def test_what_it_raises_is_raised_here() -> None:
    waiting = apart(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        waiting()


def test_nothing_of_this_process_is_done_twice() -> None:
    code = (
        "import atexit, os, sys, threading\n"
        "from django_scaleready.checks.static import apart\n"
        "apart.cores = lambda: 2\n"
        "atexit.register(lambda: sys.stdout.write('exit '))\n"
        "sys.stdout.write('buffered ')\n"
        "sys.stdout.write(f'{apart.apart(os.getpid)() != os.getpid()} ')\n"
    )
    environment = {**os.environ, "PYTHONUNBUFFERED": ""}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env=environment,
    )
    assert done.stdout == f"buffered {sys.platform == 'linux'} exit "


@pytest.mark.usefixtures("forks")
def test_a_scan_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
    (tmp_path / "settings.py").write_text(SETTINGS)
    (tmp_path / "local.py").write_text("from settings import *\nDEBUG = False\n")
    (tmp_path / "Procfile").write_text("web: python manage.py runserver\n")
    for number in range(3):
        (tmp_path / f"m{number}.py").write_text(LEAK)
    forked = []

    def note(work: Callable[[], object]) -> Callable[[], object]:
        forked.append(work)
        return apart(work)

    monkeypatch.setattr(scan_module, "apart", note)
    here = scan(tmp_path)
    assert not forked
    monkeypatch.setattr(scan_module, "WORTH_A_FORK", 0)
    assert scan(tmp_path) == here
    assert len(forked) == 1
    found = {each.rule.slug for each in here.found}
    assert {"http-no-timeout", "runserver-deployed", "cache-local"} <= found
    assert here.ran == [rule for rule in RULES if rule.area not in {Area.LIVE, Area.RUN}]
