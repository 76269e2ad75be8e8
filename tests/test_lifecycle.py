"""The states of a replica, and who hears of a change."""

from __future__ import annotations

import itertools
import logging
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from support.replica import fresh_state  # noqa: F401 - a fixture

from django_scaleready import lifecycle
from django_scaleready.lifecycle import State
from django_scaleready.replica_state import ReplicaState, replica

TESTS = Path(__file__).resolve().parent
pytestmark = pytest.mark.usefixtures("fresh_state")
Change = tuple[State, State, str]


@pytest.fixture
def changes() -> Iterator[list[Change]]:
    heard: list[Change] = []

    def hear(sender: object, old: State, new: State, reason: str, **_: Any) -> None:
        assert sender is State
        heard.append((old, new, reason))

    lifecycle.changed.connect(hear)
    yield heard
    lifecycle.changed.disconnect(hear)


def test_the_life_of_a_replica(changes: list[Change]) -> None:
    assert lifecycle.state() is State.STARTING
    assert lifecycle.reason() == "the startup gate has not passed"
    lifecycle.started()
    assert (lifecycle.state(), lifecycle.reason()) == (State.SERVING, "")
    lifecycle.refuse_traffic("warming up")
    assert (lifecycle.state(), lifecycle.reason()) == (State.REFUSING, "warming up")
    lifecycle.accept_traffic()
    lifecycle.drain()
    assert lifecycle.state() is State.DRAINING
    assert lifecycle.reason() == "draining for 0.0 s"
    assert [(old, new) for old, new, _ in changes] == [
        (State.STARTING, State.SERVING),
        (State.SERVING, State.REFUSING),
        (State.REFUSING, State.SERVING),
        (State.SERVING, State.DRAINING),
    ]
    assert [reason for *_, reason in changes] == ["", "warming up", "", "draining for 0.0 s"]


STEPS: dict[State, Callable[[], None]] = {
    State.SERVING: lifecycle.started,
    State.REFUSING: lambda: lifecycle.refuse_traffic("why"),
    State.DRAINING: lifecycle.drain,
    State.BROKEN: lambda: lifecycle.mark_broken("why"),
}


@pytest.mark.parametrize("steps", list(itertools.permutations(STEPS)), ids=" ".join)
def test_the_gravest_of_several_holds_in_whatever_order(steps: tuple[State, ...]) -> None:
    # The order of the enumeration, which is the order of the table.
    gravity = list(State)
    gravest = State.STARTING
    for step in steps:
        STEPS[step]()
        gravest = max(gravest, step, key=gravity.index)
        assert lifecycle.state() is gravest


def test_what_is_for_good_is_not_taken_back(fresh_state: ReplicaState) -> None:  # noqa: F811
    lifecycle.drain()
    lifecycle.accept_traffic()
    lifecycle.started()
    assert lifecycle.state() is State.DRAINING
    lifecycle.mark_broken("deadlock")
    lifecycle.accept_traffic()
    assert (lifecycle.state(), lifecycle.reason()) == (State.BROKEN, "deadlock")


def test_refused_before_the_gate_it_returns_to_the_gate() -> None:
    lifecycle.refuse_traffic("not yet")
    lifecycle.accept_traffic()
    assert lifecycle.state() is State.STARTING


def test_a_change_made_elsewhere_is_heard_once(changes: list[Change]) -> None:
    lifecycle.started()
    replica.drain()  # as the master does
    assert len(changes) == 1
    for _ in range(3):
        lifecycle.state()
    assert len(changes) == 2


def test_many_threads_hear_of_it_once(changes: list[Change]) -> None:
    begin = threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        lifecycle.state()

    for _ in range(20):
        threads = [threading.Thread(target=ask) for _ in range(8)]
        for thread in threads:
            thread.start()
        replica.refuse("why")
        for thread in threads:
            thread.join()
        lifecycle.state()
        lifecycle.accept_traffic()
    assert len(changes) == 40


def test_a_receiver_may_ask_and_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    seen = []

    def fail(new: State, **_: Any) -> None:
        seen.append((new, lifecycle.state(), lifecycle.reason()))
        raise ValueError("the receiver's own")

    lifecycle.changed.connect(fail)
    try:
        lifecycle.refuse_traffic("why")
    finally:
        lifecycle.changed.disconnect(fail)
    assert seen == [(State.REFUSING, State.REFUSING, "why")]
    assert "the receiver's own" in caplog.text


def test_the_log_says_why(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "django_scaleready.lifecycle")
    lifecycle.accept_traffic()
    assert caplog.messages == []
    lifecycle.refuse_traffic("disk full")
    lifecycle.accept_traffic()
    lifecycle.mark_broken("deadlock")
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "refusing traffic: disk full"),
        ("INFO", "accepting traffic again"),
        ("ERROR", "broken: deadlock"),
    ]


def test_the_table_of_the_documentation_names_every_state() -> None:
    assert lifecycle.__doc__ is not None
    rows = [line.split()[0] for line in lifecycle.__doc__.splitlines() if line[:1].isupper()]
    assert [state.name for state in State] == [row for row in rows if row.isupper()]


def test_the_memory_is_known_without_django() -> None:
    # gunicorn's master loads no Django, and a worker loads it after the fork.
    code = "import sys, django_scaleready.replica_state; print('django' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_celery_process_has_nothing_of_the_drain() -> None:
    """Its SIGTERM is a warm shutdown: neither a handler nor a thread of ours comes into it."""
    code = """
import signal, sys, threading
import django
django.setup()
from celery import Celery
app = Celery(set_as_current=True)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.loader.import_default_modules()
from django_scaleready.replica_state import replica
print(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL,
      signal.getsignal(signal.SIGALRM) is signal.SIG_DFL,
      threading.active_count(), replica.shared,
      [name for name in sys.modules if name.startswith(("django_scaleready.arbiter",
                                                        "django_scaleready.web_worker"))])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"DJANGO_SETTINGS_MODULE": "support.django_settings", "PYTHONPATH": str(TESTS)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "True True 1 False []\n"
