"""uWSGI with the kit's configuration: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import signal
from pathlib import Path

import httpx
import pytest
from support.uwsgi_replica import UWSGI

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

# Seconds, for what takes one: well below the drains and time-outs that nobody may wait for here.
DEADLINE = 20

pytestmark = [pytest.mark.live, pytest.mark.needs("uwsgi")]


def start(supervisor: Supervisor, *options: str, **variables: str) -> UWSGI:
    replica = UWSGI(supervisor, *options, **variables)
    replica.start()
    return replica


def drains(replica: UWSGI) -> bool:
    return {state for _, state in replica.states(2)} == {"draining"}


def replaced(replica: UWSGI, pid: int) -> bool:
    """Whether two workers serve and ``pid`` is none of them; it may have taken a request along."""
    with contextlib.suppress(httpx.TransportError):
        return pid not in (now := replica.answering()) and len(now) == 2
    return False


def others(replica: UWSGI, before: list[int]) -> bool:
    """Whether two workers serve that did not ``before``."""
    now = replica.answering()
    return len(now) == 2 and not set(before) & set(now)


def wait_for_the_end(replica: UWSGI) -> None:
    until(lambda: not replica.process.running, DEADLINE, "uWSGI's end")


def test_an_answer_says_that_its_connection_ends(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="0")
    for path in ("/fine", "/livez"):
        assert replica.get(path).headers["Connection"] == "close"


def test_sigterm_fails_readiness_in_all_workers_until_a_second_skips_the_drain(
    supervisor: Supervisor,
) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    workers = replica.workers()
    assert replica.get("/readyz").status_code == 200
    replica.process.signal(signal.SIGTERM)
    told = {(pid, "draining") for pid in workers}
    until(lambda: replica.states() == told, DEADLINE, "the drain of both")
    assert replica.get("/readyz").status_code == 503
    assert replica.get("/livez").status_code == 200
    asked = replica.send("/slow?seconds=1.5")
    replica.process.signal(signal.SIGTERM)
    until(lambda: replica.says("cut short by a second SIGTERM"), DEADLINE, "the stop")
    # The stop waits for it.
    assert asked.getresponse().status == 200
    wait_for_the_end(replica)
    assert replica.process._popen is not None
    assert replica.process._popen.wait() == 0
    assert not replica.says("had not ended")


def test_the_settings_say_how_long_and_a_signal_to_the_whole_group_cuts_nothing(
    supervisor: Supervisor,
) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60", SITE_SCALEREADY="DRAIN=0.5")
    asked = replica.send("/slow?seconds=1.5")
    # As systemd does it, unless it is told KillMode=mixed.
    os.killpg(replica.process.pid, signal.SIGTERM)
    assert asked.getresponse().status == 200
    wait_for_the_end(replica)
    assert replica.says("Draining for 0.5 s")
    assert replica.says("Drained for 0.5 s;")


def test_who_dies_during_the_drain_is_replaced_until_sigquit_stops_at_once(
    supervisor: Supervisor,
) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    workers = replica.workers()
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), DEADLINE, "the drain")
    replica.keeper().kill()
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: replaced(replica, workers[0]), DEADLINE, "another worker")
    assert drains(replica)
    # Another keeper, which knows what the master was told.
    replica.process.signal(signal.SIGHUP)
    until(lambda: replica.says("Not reloading: the replica is draining"), DEADLINE, "the refusal")
    replica.process.signal(signal.SIGQUIT)
    wait_for_the_end(replica)


def test_sighup_replaces_the_workers_and_sigint_stops_at_once(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    workers = replica.workers()
    replica.process.signal(signal.SIGHUP)
    # Asked all the time: nothing may be lost on the way. One of the two may still be loading.
    until(lambda: others(replica, workers), 60, "other workers")
    assert {state for _, state in replica.states()} == {"serving"}
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), DEADLINE, "the drain")
    replica.process.signal(signal.SIGINT)
    wait_for_the_end(replica)


def test_sigint_stops_at_once_while_a_worker_loads_the_project(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    hold = tmp_path / "hold"
    replica = start(supervisor, SITE_HOLD=str(hold), SCALEREADY_GRACEFUL_TIMEOUT="60")
    hold.touch()
    replica.process.signal(signal.SIGHUP)
    until(lambda: replica.says("Respawned uWSGI worker"), DEADLINE, "a worker that loads")
    replica.process.signal(signal.SIGINT)
    wait_for_the_end(replica)
    assert replica.says("had not ended in 1 s")


def test_a_hung_worker_leaves_a_trace_by_harakiri_and_by_the_stop(supervisor: Supervisor) -> None:
    replica = start(
        supervisor, "--harakiri", "1", SCALEREADY_DRAIN="1", SCALEREADY_GRACEFUL_TIMEOUT="1"
    )
    asked = replica.send("/hang-sync?seconds=60")
    until(lambda: replica.says("in hang_here"), DEADLINE, "the trace")
    with pytest.raises(ConnectionResetError):
        asked.getresponse()
    (record,) = (r for r in replica.records() if "its threads were at" in r["message"])
    assert "Current thread" in record["stack_info"]
    until(lambda: len(replica.answering()) == 2, DEADLINE, "another worker")
    # While it stops, uWSGI itself knows no harakiri.
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), DEADLINE, "the drain")
    asked = replica.send("/slow?seconds=60")
    wait_for_the_end(replica)
    with pytest.raises(ConnectionResetError):
        asked.getresponse()
    assert replica.says("had not ended in 1 s")
    assert replica.says("in slow")
