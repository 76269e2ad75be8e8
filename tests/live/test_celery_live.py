"""Workers and senders on a real Valkey that hangs, restarts and comes back."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter

import pytest
from support.celery_site import CelerySite, lines, records, said

from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

TIMED = """
import time
def timed():
    begin = time.monotonic()
    try:
        note.delay("sent")
        outcome = "ok"
    except Exception as error:
        outcome = type(error).__name__
    print("took", round(time.monotonic() - begin, 2), outcome, flush=True)
"""


@pytest.fixture
def valkey(supervisor: Supervisor) -> Valkey:
    server = Valkey(supervisor)
    server.start()
    return server


@pytest.fixture
def site(supervisor: Supervisor, valkey: Valkey) -> CelerySite:
    return CelerySite(supervisor, valkey)


def took(output: str) -> list[tuple[float, str]]:
    found = [line.split() for line in output.splitlines() if line.startswith("took ")]
    return [(float(seconds), outcome) for _, seconds, outcome in found]


@pytest.mark.parametrize("results", [False, True], ids=["no-results", "results"])
def test_sending_to_a_broker_that_hangs_raises_within_seconds(
    site: CelerySite, valkey: Valkey, results: bool
) -> None:
    """With the time-out of one second that is the default, on a kept and on new connections."""
    pid = valkey.process.pid
    output = site.send(
        f"{TIMED}import os, signal\n"
        f"timed()\nos.kill({pid}, signal.SIGSTOP)\ntimed()\ntimed()\n"
        f"os.kill({pid}, signal.SIGCONT)\ntimed()",
        CELERY_SOCKET_TIMEOUT="",
        CELERY_RESULT_BACKEND=valkey.url(3) if results else "",
    )
    (_, first), (kept, second), (fresh, third), (_, last) = took(output)
    assert (first, last) == ("ok", "ok"), output
    assert "ok" not in (second, third)
    assert kept < 4
    assert fresh < 4


def test_sending_to_a_broker_that_is_down_fails_at_once(site: CelerySite, valkey: Valkey) -> None:
    valkey.stop()
    ((seconds, outcome),) = took(site.send(f"{TIMED}timed()"))
    assert outcome == "OperationalError"
    assert seconds < 1


def test_sending_outlives_a_restart_of_the_broker(
    site: CelerySite, valkey: Valkey, supervisor: Supervisor
) -> None:
    """The connection that was kept from before costs no task."""
    flag = supervisor.directory / "restarted"
    wait = f"import pathlib\nwhile not pathlib.Path({str(flag)!r}).exists(): time.sleep(0.02)\n"

    def restart() -> bool:
        if valkey.client(2).llen("celery"):
            valkey.restart()
            flag.touch()
        return flag.exists()

    threading.Thread(target=lambda: until(restart, 20, "the first task"), daemon=True).start()
    output = site.send(f"{TIMED}timed()\n{wait}timed()")
    assert [outcome for _, outcome in took(output)] == ["ok", "ok"]


def test_a_worker_idles_longer_than_the_time_out(site: CelerySite) -> None:
    """BRPOP blocks for a second at a time, twice the socket time-out of this worker."""
    worker = site.worker()
    ready = time.monotonic()
    until(lambda: time.monotonic() > ready + 3, 4, "3 s of nothing")
    site.send('note.delay("after-idling")')
    site.wait_for("after-idling")
    assert said(worker, "Connection to broker lost") == 0
    loud = [r for r in records(worker) if r["level"] != "INFO" and r["logger"] != "py.warnings"]
    assert loud == []


@pytest.mark.parametrize("how", ["restart", "freeze"])
def test_a_worker_outlives_its_broker(site: CelerySite, valkey: Valkey, how: str) -> None:
    worker = site.worker()
    pid = worker.pid
    if how == "restart":
        valkey.stop()
        worker.wait_until(lambda: said(worker, "Connection to broker lost"), 10, "to notice")
        valkey.start()
    else:
        valkey.process.freeze()
        frozen = time.monotonic()
        until(lambda: time.monotonic() > frozen + 3, 4, "3 s of silence")
        valkey.process.thaw()
    site.send('note.delay("after-outage")')
    site.wait_for("after-outage", seconds=15)
    assert worker.pid == pid
    assert worker.running


def test_a_task_of_a_killed_worker_is_done_by_another(site: CelerySite) -> None:
    """Late acknowledgement, looked for every 5 s once the visibility timeout is over."""
    limits = {"CELERY_TASK_TIME_LIMIT": "3", "CELERY_VISIBILITY_TIMEOUT": "4"}
    doomed = site.worker("doomed", "-n", "doomed@%h", **limits)
    site.send('slow.delay("job", 2)')
    ((first, began),) = site.wait_for("begin-job")
    doomed.kill()
    site.worker("heir", "-n", "heir@%h", **limits)
    second = site.wait_for("begin-job", 2, seconds=20)[1]
    assert second[0] != first
    assert second[1] - began < 4 + 5 + 3
    site.wait_for("end-job")


def test_a_task_that_kills_its_child_comes_to_an_end(site: CelerySite) -> None:
    worker = site.worker()
    site.send('die.delay("died"); note.delay("next")')
    site.wait_for("died", 2)
    site.wait_for("next")
    until(lambda: said(worker, '"level":"ERROR"'), 10, "the end")
    assert len(site.entries("died")) == 2  # once, and its one retry
    with site.valkey.client(2) as client:
        until(lambda: not client.hlen("unacked"), 5, "nothing left to acknowledge")
        assert client.llen("celery") == 0


def test_children_are_recycled(site: CelerySite) -> None:
    site.worker(CELERY_WORKER_MAX_TASKS_PER_CHILD="3")
    site.send('[note.delay("one-of-many") for _ in range(4)]')
    by_child = Counter(pid for pid, _ in site.wait_for("one-of-many", 4))
    assert sorted(by_child.values()) == [1, 3]


def test_a_soft_shutdown_gives_the_task_back_in_time(site: CelerySite) -> None:
    variables = {"REMAP_SIGTERM": "SIGQUIT", "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT": "1"}
    worker = site.worker("leaving", **variables)
    site.send('slow.delay("long", 60)')
    site.wait_for("begin-long")
    begin = time.monotonic()
    os.kill(worker.pid, signal.SIGTERM)
    until(lambda: not worker.running, 10, "the end")
    assert time.monotonic() - begin < 6
    successor = site.worker("successor")
    site.wait_for("begin-long", 2, seconds=5)
    successor.kill()


def test_a_worker_s_lines_are_json_and_a_traceback_is_one_of_them(site: CelerySite) -> None:
    worker = site.worker()
    site.send('note.delay("logged"); fail.delay()')
    worker.wait_until(lambda: said(worker, "RuntimeError"), 20, "the failure")
    worker.stop()
    # Celery writes these past all logging, from its signal handler.
    rest = {line for line in lines(worker) if not line.startswith("{")}
    assert rest <= {"", "worker: Warm shutdown (MainProcess)"}
    by_message = {record["message"]: record for record in records(worker)}
    assert by_message["noted logged"]["logger"] == "support.celery_app"
    (failure,) = [r for r in records(worker) if r["level"] == "ERROR"]
    assert "Traceback" in failure["exc_info"]
    assert "two\nlines" in failure["exc_info"]
