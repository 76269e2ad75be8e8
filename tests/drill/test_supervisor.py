"""Whatever ends a drill, nothing of it is left: no process, no directory."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.ended import gone

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

# Two supervisors with a process each; prints the pids and directories, then waits.
DRILL = """
import sys, time
from django_scaleready.drill.supervisor import Supervisor
with Supervisor() as outer, Supervisor(patience=1) as inner:
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
    a = outer.process("a", [sys.executable, "-c", "import time; time.sleep(600)"])
    b = inner.process("b", [sys.executable, "-c", deaf])
    a.start(), b.start()
    print(a.pid, b.pid, outer._watchdog.pid, inner._watchdog.pid, end=" ")
    print(outer.directory, inner.directory, flush=True)
    {body}
"""


class Drill:
    def __init__(self, body: str = "time.sleep(600)") -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-c", DRILL.format(body=body)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        assert self.popen.stdout is not None
        *pids, outer, inner = self.popen.stdout.readline().split()
        self.pids = [int(pid) for pid in pids]
        self.directories = [Path(outer), Path(inner)]

    def nothing_is_left(self) -> bool:
        return all(map(gone, self.pids)) and not any(d.exists() for d in self.directories)

    def end(self) -> tuple[int, str]:
        _, errors = self.popen.communicate(timeout=20)
        return self.popen.returncode, errors


@pytest.fixture
def drills() -> Iterator[list[Drill]]:
    running: list[Drill] = []
    yield running
    for drill in running:
        drill.popen.kill()
        drill.popen.communicate()


def start(drills: list[Drill], body: str = "time.sleep(600)") -> Drill:
    drills.append(Drill(body))
    return drills[-1]


def test_after_success_nothing_is_left(drills: list[Drill]) -> None:
    drill = start(drills, "pass")
    assert drill.end() == (0, "")
    assert drill.nothing_is_left()


def test_after_an_exception_nothing_is_left(drills: list[Drill]) -> None:
    drill = start(drills, "1 / 0")
    code, errors = drill.end()
    assert (code, "ZeroDivisionError" in errors) == (1, True)
    assert drill.nothing_is_left()


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (signal.SIGINT, -signal.SIGINT),  # as Python ends after KeyboardInterrupt
        (signal.SIGTERM, 128 + signal.SIGTERM),
        (signal.SIGHUP, 128 + signal.SIGHUP),
    ],
)
@pytest.mark.parametrize("send", [os.kill, os.killpg], ids=["process", "group"])
def test_after_a_signal_nothing_is_left(
    drills: list[Drill], number: int, code: int, send: object
) -> None:
    drill = start(drills)
    assert callable(send)
    send(drill.popen.pid, number)
    assert drill.end()[0] == code
    assert drill.nothing_is_left()


def test_an_impatient_second_signal_does_not_stop_the_clean_up(drills: list[Drill]) -> None:
    drill = start(drills)
    for _ in range(5):  # during the second that the deaf process is given
        drill.popen.send_signal(signal.SIGINT)
        time.sleep(0.1)
    assert drill.end()[0] == -signal.SIGINT
    assert drill.nothing_is_left()


def test_after_its_own_death_nothing_is_left(drills: list[Drill]) -> None:
    drill = start(drills)
    drill.popen.kill()
    until(drill.nothing_is_left, 10, "the watchdog's work")


SIGNALS = """
import signal
from django_scaleready.drill.supervisor import Supervisor
def handlers():
    return [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
before = handlers()
with Supervisor(), Supervisor():
    assert handlers()[1] != before[1]
assert handlers() == before
"""


def test_the_signals_are_the_caller_s_again_afterwards() -> None:
    # In a process of its own: the services of a test session have theirs for as long as it lasts.
    subprocess.run([sys.executable, "-c", SIGNALS], check=True, timeout=20)


def test_its_directory_is_not_for_others_to_list() -> None:
    with Supervisor() as supervisor:
        assert supervisor.directory.stat().st_mode & 0o777 == 0o711
        assert supervisor.folder("data").is_dir()
