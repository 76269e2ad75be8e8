"""Workers and releases that go wrong, on small programs that behave like servers."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from django_scaleready.drill.faults import deployment
from django_scaleready.drill.faults import replicas as faults
from django_scaleready.drill.faults.base import NotHereError
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

# A master with two workers; REPLACES: it starts another one for one that ended. KILLS: it kills
# one that does not move, as gunicorn's time-out does.
MASTER = """
import subprocess, sys, time
replaces, kills = {replaces}, {kills}
def start():
    return subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
workers = [start(), start()]
while True:
    for number, worker in enumerate(workers):
        state = open(f"/proc/{{worker.pid}}/stat").read().split()[2] if not worker.poll() else ""
        if kills and state == "T":
            worker.kill()
        if replaces and worker.poll() is not None:
            workers[number] = start()
    time.sleep(0.02)
"""
SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response({status}); self.end_headers()
print("{says}", flush=True)
http.server.HTTPServer(("127.0.0.1", {port}), Handler).serve_forever()
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(patience=1) as supervisor:
        yield supervisor


@pytest.fixture
def master(supervisor: Supervisor) -> Callable[..., Replica]:
    def make(*, replaces: bool = True, kills: bool = True) -> Replica:
        code = MASTER.format(replaces=replaces, kills=kills)
        process = supervisor.process("master", [sys.executable, "-c", code])
        process.start()
        until(lambda: len(process.tree()) == 3, 5, "two workers")
        return Replica("master", "http://127.0.0.1:1", process)

    return make


@pytest.mark.parametrize("kind", [faults.WorkerKilled, faults.WorkerHung])
def test_a_worker_that_is_replaced(
    kind: type[faults.WorkerKilled | faults.WorkerHung], master: Callable[..., Replica]
) -> None:
    replica = master()
    before = {process.pid for process in replica.process.tree()}
    fault = kind(replica)
    fault.inject()
    fault.end()
    assert [seen.held for seen in fault.observations()] == [True]
    after = {process.pid for process in replica.process.tree()}
    assert len(after) == 3
    assert len(after - before) == 1


def test_a_killed_worker_that_nobody_replaces(
    master: Callable[..., Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "_REPLACED", 0.3)
    fault = faults.WorkerKilled(master(replaces=False))
    fault.inject()
    fault.end()
    (seen,) = fault.observations()
    assert (seen.topic, seen.held, seen.seen) == ("worker", False, "not within 0.3 s")


def test_a_hung_worker_that_nobody_notices_goes_on_at_the_end(
    master: Callable[..., Replica], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faults, "_GIVEN_UP", 0.3)
    replica = master(kills=False)
    fault = faults.WorkerHung(replica)

    def stopped() -> bool:
        return psutil.STATUS_STOPPED in {process.status() for process in replica.process.tree()}

    fault.inject()
    until(stopped, 5, "a worker that stands still")
    fault.end()
    assert [seen.held for seen in fault.observations()] == [False]
    until(lambda: not stopped(), 5, "all workers")


def test_a_server_of_one_process_has_no_worker(supervisor: Supervisor) -> None:
    process = supervisor.process("alone", [sys.executable, "-c", "import time; time.sleep(60)"])
    process.start()
    with pytest.raises(NotHereError, match="one process"):
        faults.WorkerKilled(Replica("alone", "http://127.0.0.1:1", process))


def test_a_killed_replica_is_started_again(supervisor: Supervisor) -> None:
    replica = server(supervisor, 200)
    replica.start()
    replica.wait()
    fault = faults.ReplicaKilled(replica, hold=0)
    fault.inject()
    assert not replica.process.running
    fault.end()
    assert replica.ready()


def test_a_rolling_restart_is_what_it_is_given() -> None:
    done: list[str] = []
    faults.RollingRestart(lambda: done.append("restarted")).inject()
    assert done == ["restarted"]


def server(supervisor: Supervisor, status: int, says: str = "") -> Replica:
    port = supervisor.port()
    code = SERVER.format(status=status, port=port, says=says)
    process = supervisor.process("server", [sys.executable, "-c", code])
    return Replica("server", f"http://127.0.0.1:{port}", process)


@pytest.mark.parametrize(
    ("status", "says", "held"),
    [
        (503, "scaleready.E004 session-local", [True, True]),
        (503, "something is wrong", [True, False]),
        (200, "scaleready.E004 session-local", [False, True]),
        (200, "all is well", [False, False]),
    ],
)
def test_a_bad_deployment(
    supervisor: Supervisor,
    monkeypatch: pytest.MonkeyPatch,
    status: int,
    says: str,
    held: list[bool],
) -> None:
    monkeypatch.setattr(deployment, "_START_SECONDS", 3)
    replica = server(supervisor, status, says)
    fault = deployment.BadDeployment(replica, "session-local", patience=1.5)
    began = time.monotonic()
    fault.inject()
    # It is watched for a while after it has said what is wrong.
    assert status == 200 or time.monotonic() - began >= 1.5
    fault.end()
    assert [seen.held for seen in fault.observations()] == held
    assert not replica.process.running


def test_a_bad_release_that_ends_by_itself_is_as_good(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    code = "import sys; sys.exit('session-local: sessions are in files')"
    process = supervisor.process("server", [sys.executable, "-c", code])
    replica = Replica("server", "http://127.0.0.1:1", process)
    fault = deployment.BadDeployment(replica, "session-local", patience=5)
    fault.inject()
    fault.end()
    assert [seen.held for seen in fault.observations()] == [True, True]
