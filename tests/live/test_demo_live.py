"""``make demo`` holds what it promises, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

import pytest
from support.example import EXAMPLE
from support.runs import Run, run

from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live


@pytest.fixture
def demo() -> Iterator[Run]:
    with run([sys.executable, str(EXAMPLE / "demo.py")]) as demo:
        yield demo


@pytest.mark.alone
def test_all_of_it_holds(demo: Run) -> None:
    assert demo.popen.wait(150) == 0, demo.text()
    assert "FAILED" not in demo.text()
    assert demo.text().count("held ") >= 10
    assert "All of it held" in demo.text()
    assert demo.left() == []


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
def test_ctrl_c_leaves_nothing_behind(demo: Run, send: Callable[[int, int], None]) -> None:
    until(lambda: "are ready: " in demo.text() or demo.popen.poll(), 60, "three replicas")
    assert len(demo.family()) > 10
    send(demo.popen.pid, signal.SIGINT)
    assert demo.popen.wait(30) == 130, demo.text()
    assert "Interrupted; nothing is left running." in demo.text()
    assert demo.left() == []


def test_killed_it_leaves_nothing_behind_either(demo: Run) -> None:
    until(lambda: "are ready: " in demo.text() or demo.popen.poll(), 60, "three replicas")
    demo.popen.kill()
    until(lambda: not demo.left(), 15, "the watchdog's work")


def test_ctrl_c_while_it_starts_leaves_nothing_behind(demo: Run) -> None:
    until(lambda: "Checking before/" in demo.text() or demo.popen.poll(), 60, "its services")
    os.killpg(demo.popen.pid, signal.SIGINT)
    assert demo.popen.wait(30) == 130, demo.text()
    assert demo.left() == []
