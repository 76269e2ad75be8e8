"""What each probe asks in each state of the replica."""

from __future__ import annotations

import asyncio
import logging
import os
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test.utils import override_settings
from support import probe_checks
from support.probe_checks import Gate

from django_scaleready import lifecycle
from django_scaleready.drill.waiting import until
from django_scaleready.lifecycle import State
from django_scaleready.probe_paths import Probe
from django_scaleready.probes import asking
from django_scaleready.probes.everybody import KEY
from django_scaleready.probes.flights import now, soon
from django_scaleready.probes.results import Outcome, Status
from django_scaleready.replica_state import STARTED, ReplicaState, replica

WELL, FAIL, SLOW = (f"support.probe_checks.{name}" for name in ("well", "fail", "slow"))


def ask(probe: Probe) -> Outcome:
    return now(asking.ask(probe, holds_thread=True))


def details(outcome: Outcome) -> dict[str, str]:
    return {result.component: result.detail for result in outcome.results}


@pytest.fixture
def starting(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gate is still to be passed."""
    monkeypatch.setattr(replica, "_memory", ReplicaState()._memory)
    monkeypatch.setattr(lifecycle, "_noticed", lifecycle._Noticed())


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate()
    monkeypatch.setattr(probe_checks, "well", gate)
    yield gate
    gate.open.set()


def groups(**declared: Any) -> Any:
    return override_settings(SCALEREADY={"PROBES": {"readiness": [], "startup": [], **declared}})


@pytest.mark.usefixtures("starting")
def test_readiness_waits_for_the_gate() -> None:
    with groups(startup=[FAIL]):
        assert ask(Probe.READINESS).status is Status.FAIL
        assert ask(Probe.STARTUP).status is Status.FAIL
        assert lifecycle.state() is State.STARTING


@pytest.mark.usefixtures("starting")
@pytest.mark.parametrize("probe", [Probe.READINESS, Probe.STARTUP])
def test_whichever_is_asked_first_opens_it(probe: Probe) -> None:
    with groups(startup=[WELL]):
        assert ask(probe).status is Status.PASS
        assert replica.flag(STARTED)


@pytest.mark.usefixtures("starting")
def test_the_gate_is_passed_once(gate: Gate) -> None:
    with groups(startup=[WELL]):
        ask(Probe.STARTUP)
        gate.error = ConnectionRefusedError()
        asking.forget()  # a recycled worker
        assert ask(Probe.STARTUP).status is Status.PASS
        assert ask(Probe.READINESS).status is Status.PASS
    assert gate.asked == 1


@pytest.mark.usefixtures("starting")
def test_what_merely_degrades_does_not_hold_it() -> None:
    with groups(startup={FAIL: "degraded"}):
        assert ask(Probe.READINESS).status is Status.PASS


@pytest.mark.usefixtures("starting")
def test_why_it_is_shut_is_an_error_in_the_log_once(caplog: pytest.LogCaptureFixture) -> None:
    def errors() -> list[str]:
        # Before it a warning, if the rules were not through by the deadline.
        return [r.getMessage() for r in caplog.records if r.levelno == logging.ERROR]

    def refused() -> list[str]:
        ask(Probe.READINESS)
        ask(Probe.STARTUP)
        return errors()

    with groups(startup=["settings"]):
        until(refused, 10, "the line")
        for _ in range(3):
            refused()
    (line,) = errors()
    assert line.startswith("startup fail: settings: scaleready.E0")
    assert '"startup" without "settings"' in line


@pytest.mark.usefixtures("starting")
@override_settings(DEBUG=True)
def test_it_is_not_in_the_way_in_development() -> None:
    with groups(startup=[FAIL]):
        assert ask(Probe.READINESS).status is Status.PASS


@pytest.mark.usefixtures("starting")
def test_both_groups_share_one_deadline(gate: Gate) -> None:
    gate.open.clear()
    with groups(startup=[SLOW], readiness=[WELL]):
        question = asking.ask(Probe.READINESS, holds_thread=True)
        first = next(question)
        first.block()
        second = next(question)
        assert replica.flag(STARTED), "the gate was passed"
        assert second.flight is not first.flight
        assert second.until <= first.until
        gate.open.set()
        second.block()
        with pytest.raises(StopIteration) as answered:
            next(question)
    assert details(answered.value.value) == {WELL: ""}


@pytest.mark.parametrize(
    ("change", "statuses"),
    [
        (lambda: None, "pass pass pass pass"),
        (lambda: lifecycle.refuse_traffic("warming up"), "pass fail pass warn"),
        (lifecycle.drain, "pass fail pass warn"),
        (lambda: lifecycle.mark_broken("deadlock"), "fail fail pass fail"),
    ],
)
def test_the_state_of_the_replica_decides(gate: Gate, change: Any, statuses: str) -> None:
    """Of liveness, readiness, startup and health."""
    with groups(readiness=[WELL], startup=[WELL], health=[]):
        change()
        found = [ask(probe).status for probe in list(Probe)[:4]]
    assert found == statuses.split()
    assert gate.asked == (found[1] == "pass"), "a replica that drains asks nothing"


def test_why_is_for_who_may_see_details() -> None:
    lifecycle.refuse_traffic("warming up")
    assert details(ask(Probe.READINESS)) == {"lifecycle": "refusing: warming up"}


def test_accepting_again_is_seen_at_once() -> None:
    with groups():
        lifecycle.refuse_traffic("warming up")
        assert ask(Probe.READINESS).status is Status.FAIL
        lifecycle.accept_traffic()
        assert ask(Probe.READINESS).status is Status.PASS


def test_health_is_its_own_group() -> None:
    with groups(health={FAIL: "degraded", WELL: "critical"}):
        outcome = ask(Probe.HEALTH)
        assert outcome.status is Status.WARN
        assert details(outcome) == {WELL: "", FAIL: "ConnectionRefusedError"}


def test_a_hung_health_check_is_no_affair_of_readiness(gate: Gate) -> None:
    gate.open.clear()
    declared = {"PROBE_DEADLINE": 0.1, "PROBES": {"health": [WELL], "readiness": ["disk"]}}
    with override_settings(SCALEREADY=declared):
        assert ask(Probe.HEALTH).status is Status.FAIL
        until(lambda: ask(Probe.READINESS).status is Status.PASS, 5, "a pass")


def test_the_same_without_a_thread() -> None:
    with groups(readiness=[WELL]):
        outcome = asyncio.run(soon(asking.ask(Probe.READINESS, holds_thread=False)))
    assert outcome.status is Status.PASS


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # that is the point
def test_a_fork_begins_anew() -> None:
    """As gunicorn does with --preload: what the parent knows has threads that the child lacks."""
    with override_settings(SCALEREADY={"PROBE_TTL": 0, "PROBES": {"readiness": [WELL]}}):
        ask(Probe.READINESS)
        pid = os.fork()
        if not pid:
            alone = threading.active_count() == 1
            os._exit(0 if alone and ask(Probe.READINESS).status is Status.PASS else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0


def test_shared_failures_are_degraded_after_a_while() -> None:
    cache.delete(KEY)  # of a replica that passed in another test
    shared = {"db": {"CHECK": FAIL, "SHARED": True}}
    declared = {"PROBES": {"readiness": shared}, "SHARED_FAILURE_AFTER": 0.05, "PROBE_TTL": 0}
    with override_settings(SCALEREADY=declared):
        assert ask(Probe.READINESS).status is Status.FAIL
        until(lambda: ask(Probe.READINESS).status is Status.WARN, 5, "serving on")
    with override_settings(SCALEREADY={**declared, "SHARED_FAILURE_AFTER": "never"}):
        assert {ask(Probe.READINESS).status for _ in range(20)} == {Status.FAIL}
