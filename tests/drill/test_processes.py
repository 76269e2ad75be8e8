"""Programs are started, watched, frozen and ended with all that they started."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterator

import psutil
import pytest
from support.ended import gone

from django_scaleready.drill.processes import EndedError, Process
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, NotInTimeError, until

# A parent that leaves its group's rules: one child in the group, one in a session of its own.
FAMILY = """
import subprocess, sys, time
sleep = [sys.executable, "-c", "import time; time.sleep(600)"]
subprocess.Popen(sleep)
subprocess.Popen(sleep, start_new_session=True)
print("family complete", flush=True)
time.sleep(600)
"""
DEAF = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("deaf", flush=True)
time.sleep(600)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


def python(supervisor: Supervisor, code: str, **options: object) -> Process:
    return supervisor.process("program", [sys.executable, "-c", code], **options)  # type: ignore[arg-type] # the options of process()


def test_its_output_is_kept(supervisor: Supervisor) -> None:
    process = python(supervisor, "print('to stdout'); import sys; print('bad', file=sys.stderr)")
    process.start()
    until(lambda: not process.running, 10, "the end")
    assert sorted(process.tail().splitlines()) == ["bad", "to stdout"]
    assert len(process.tail(1).splitlines()) == 1


def test_waiting_for_one_that_ended_says_why_at_once(supervisor: Supervisor) -> None:
    process = python(supervisor, "raise SystemExit('no such database')")
    process.start()
    start = time.monotonic()
    with pytest.raises(EndedError, match=r"ended before readiness[^$]*no such database") as e:
        process.wait_until(lambda: False, 30, "readiness")
    assert "-c" in str(e.value)
    assert time.monotonic() - start < 10


def test_waiting_too_long_shows_the_last_lines(supervisor: Supervisor) -> None:
    process = python(supervisor, "print('loading', flush=True); import time; time.sleep(600)")
    process.start()
    until(lambda: "loading" in process.tail(), 10, "its output")
    with pytest.raises(NotInTimeError, match=r"readiness: not within 0\.1 s.*\nloading"):
        process.wait_until(lambda: False, 0.1, "readiness")


def test_a_program_that_does_not_exist_is_named(supervisor: Supervisor) -> None:
    with pytest.raises(DrillError, match="nothing: cannot start /no/such/program"):
        supervisor.process("nothing", ["/no/such/program"]).start()


def test_it_does_not_start_twice(supervisor: Supervisor) -> None:
    process = python(supervisor, DEAF)
    process.start()
    with pytest.raises(DrillError, match="running already"):
        process.start()


def test_it_can_be_started_again(supervisor: Supervisor) -> None:
    process = python(supervisor, "print('once more')")
    for times in (1, 2):
        process.start()
        until(lambda: not process.running, 10, "the end")
        process.stop()
        assert process.tail().count("once more") == times


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_nothing_below_it_is_left(supervisor: Supervisor, how: str) -> None:
    process = python(supervisor, FAMILY)
    process.start()
    process.wait_until(lambda: "complete" in process.tail(), 10, "its children")
    family = [member.pid for member in process.tree()]
    assert len(family) == 3
    getattr(process, how)()
    until(lambda: all(map(gone, family)), 5, "the end of the family")
    assert not process.running


def test_one_that_ignores_the_signal_is_killed(supervisor: Supervisor) -> None:
    process = python(supervisor, DEAF)
    process.start()
    process.wait_until(lambda: "deaf" in process.tail(), 10, "its handler")
    assert process.stop(0.2) is False
    assert not process.running


def test_one_that_listens_ends_in_time(supervisor: Supervisor) -> None:
    process = python(supervisor, "import time; time.sleep(600)")
    process.start()
    assert process.stop() is True
    assert process.stop() is True  # and it does not matter how often


def test_frozen_it_stands_still_and_can_still_be_stopped(supervisor: Supervisor) -> None:
    process = python(supervisor, FAMILY)
    process.start()
    process.wait_until(lambda: "complete" in process.tail(), 10, "its children")

    def stopped() -> set[bool]:
        return {member.status() == psutil.STATUS_STOPPED for member in process.tree()}

    process.freeze()
    until(lambda: stopped() == {True}, 5, "all of it stopped")
    process.thaw()
    until(lambda: stopped() == {False}, 5, "none of it stopped")
    process.freeze()
    assert process.stop() is True


def test_the_caller_s_settings_do_not_reach_it(
    supervisor: Supervisor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://production/")
    process = python(
        supervisor,
        "import os; print(os.environ.get('DATABASE_URL'), os.environ['REPLICA'])",
        environment={"REPLICA": "a"},
    )
    process.start()
    until(lambda: not process.running, 10, "the end")
    assert process.tail() == "None a"


def test_a_signal_reaches_the_program_itself(supervisor: Supervisor) -> None:
    process = python(supervisor, "import time; time.sleep(600)")
    process.start()
    process.signal(signal.SIGKILL)
    until(lambda: not process.running, 10, "the end")
