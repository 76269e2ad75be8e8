"""uWSGI with the kit's configuration: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from support.uwsgi_replica import UWSGI

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

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
        return pid not in (now := replica.workers()) and len(now) == 2
    return False


def wait_for_the_end(replica: UWSGI, seconds: float) -> None:
    until(lambda: not replica.process.running, seconds, "uWSGI's end")


def test_sigterm_fails_readiness_in_all_workers_and_serves_the_rest(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="1.5")
    workers = replica.workers()
    assert replica.get("/readyz").status_code == 200
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), 1, "the drain")
    began = time.monotonic()
    assert replica.states() == {(pid, "draining") for pid in workers}
    assert replica.get("/readyz").status_code == 503
    assert replica.get("/livez").status_code == 200
    with ThreadPoolExecutor() as pool:
        # It ends after the drain: in the stop, which waits for it.
        assert pool.submit(replica.get, "/slow?seconds=2.5").result().status_code == 200
    wait_for_the_end(replica, 5)
    assert time.monotonic() - began > 1.4
    assert replica.process._popen is not None
    assert replica.process._popen.wait() == 0
    assert replica.says("Draining for 1.5 s")
    assert not replica.says("had not ended")


def test_the_settings_say_how_long(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60", SITE_SCALEREADY="DRAIN=0.5")
    replica.process.signal(signal.SIGTERM)
    wait_for_the_end(replica, 8)
    assert replica.says("Draining for 0.5 s")


def test_a_second_sigterm_skips_the_drain(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), 2, "the drain")
    replica.process.signal(signal.SIGTERM)
    wait_for_the_end(replica, 5)
    assert replica.says("cut short by a second SIGTERM")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
def test_sigint_and_sigquit_stop_at_once(supervisor: Supervisor, number: int) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), 2, "the drain")
    replica.process.signal(number)
    wait_for_the_end(replica, 4)


def test_who_dies_during_the_drain_is_replaced_and_the_drain_goes_on(
    supervisor: Supervisor,
) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="60")
    workers = replica.workers()
    replica.process.signal(signal.SIGTERM)
    until(lambda: drains(replica), 2, "the drain")
    replica.keeper().kill()
    os.kill(workers[0], signal.SIGKILL)
    until(lambda: replaced(replica, workers[0]), 10, "another worker")
    assert drains(replica)
    replica.process.signal(signal.SIGHUP)
    until(lambda: replica.says("Not reloading: the replica is draining"), 5, "the refusal")
    replica.process.signal(signal.SIGTERM)
    wait_for_the_end(replica, 8)
    assert replica.says("cut short by a second SIGTERM")


def test_a_signal_to_the_whole_group_cuts_no_request(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="1")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(replica.get, "/slow?seconds=2")
        time.sleep(0.2)
        # As systemd does, unless it is told KillMode=mixed.
        os.killpg(replica.process.pid, signal.SIGTERM)
        assert asked.result().status_code == 200
    wait_for_the_end(replica, 5)


def test_a_request_that_does_not_end_is_ended_with_its_trace(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="0", SCALEREADY_GRACEFUL_TIMEOUT="1")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(replica.get, "/hang-sync?seconds=60")
        until(asked.running, 2, "the request")
        time.sleep(0.2)
        replica.process.signal(signal.SIGTERM)
        wait_for_the_end(replica, 6)
        assert asked.exception() is not None
    assert replica.says("had not ended in 1 s")
    assert replica.says("in hang_here")


def test_harakiri_leaves_a_trace_of_every_thread(supervisor: Supervisor) -> None:
    replica = start(supervisor, "--harakiri", "1")
    with ThreadPoolExecutor() as pool:
        asked = pool.submit(replica.get, "/hang-sync?seconds=60")
        until(lambda: replica.says("in hang_here"), 8, "the trace")
        assert asked.exception() is not None
    (record,) = (r for r in replica.records() if "its threads were at" in r["message"])
    assert "Current thread" in record["stack_info"]
    until(lambda: len(replica.workers()) == 2, 10, "another worker")


def test_sighup_replaces_the_workers_one_after_the_other(supervisor: Supervisor) -> None:
    replica = start(supervisor, SCALEREADY_DRAIN="0.5")
    workers = replica.workers()
    replica.process.signal(signal.SIGHUP)
    # Asked all the time: nothing may be lost on the way.
    until(lambda: not set(workers) & set(replica.workers()), 20, "other workers")
    replica.process.signal(signal.SIGTERM)
    wait_for_the_end(replica, 8)
    assert replica.says("Drained for 0.5 s")
