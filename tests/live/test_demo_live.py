"""``make demo`` holds what it promises, and leaves nothing behind however it ends."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from support.example import EXAMPLE

from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live


class Demo:
    """Runs with a TMPDIR of its own, by which everything that it starts can be told."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.output = directory / "output"
        with self.output.open("wb") as output:
            self.popen = subprocess.Popen(
                [sys.executable, str(EXAMPLE / "demo.py")],
                env={**os.environ, "TMPDIR": str(directory), "COLUMNS": "200"},
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def text(self) -> str:
        return self.output.read_text()

    def family(self) -> list[psutil.Process]:
        """Every process but this one that names the directory, below the demo or not."""
        found = []
        for process in psutil.process_iter():
            try:
                told = [*process.cmdline(), *process.environ().values(), process.cwd()]
            except psutil.Error:
                continue
            if any(str(self.directory) in word for word in told):
                found.append(process)
        return found

    def left(self) -> list[object]:
        runs = [path for path in self.directory.iterdir() if path != self.output]
        return [*self.family(), *runs]


@pytest.fixture
def demo() -> Iterator[Demo]:
    # Not tmp_path: that is closed to the user as which root starts PostgreSQL.
    directory = Path(tempfile.mkdtemp(prefix="demo-test-"))
    directory.chmod(0o755)
    demo = Demo(directory)
    try:
        yield demo
    finally:
        for process in [*demo.family(), demo.popen]:
            process.kill()
        demo.popen.wait()
        shutil.rmtree(directory)


def test_all_of_it_holds(demo: Demo) -> None:
    assert demo.popen.wait(150) == 0, demo.text()
    assert "FAILED" not in demo.text()
    assert demo.text().count("held ") >= 10
    assert "All of it held" in demo.text()
    assert demo.left() == []


@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
def test_ctrl_c_leaves_nothing_behind(demo: Demo, send: Callable[[int, int], None]) -> None:
    until(lambda: "are ready: " in demo.text() or demo.popen.poll(), 60, "three replicas")
    assert len(demo.family()) > 10
    send(demo.popen.pid, signal.SIGINT)
    assert demo.popen.wait(30) == 130, demo.text()
    assert "Interrupted; nothing is left running." in demo.text()
    assert demo.left() == []


def test_killed_it_leaves_nothing_behind_either(demo: Demo) -> None:
    until(lambda: "are ready: " in demo.text() or demo.popen.poll(), 60, "three replicas")
    demo.popen.kill()
    until(lambda: not demo.left(), 15, "the watchdog's work")


def test_ctrl_c_while_it_starts_leaves_nothing_behind(demo: Demo) -> None:
    until(lambda: "Checking before/" in demo.text() or demo.popen.poll(), 60, "its services")
    os.killpg(demo.popen.pid, signal.SIGINT)
    assert demo.popen.wait(30) == 130, demo.text()
    assert demo.left() == []
