"""What surrounds a replica: a pipe that is full, clients that dawdle, services that are away."""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from django_scaleready.drill.faults import services as faults
from django_scaleready.drill.faults.clients import SlowClient
from django_scaleready.drill.faults.output import StdoutBlocked
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.scenarios import SCENARIOS
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

# Writes a line, then says in a file how many there were.
CHATTY = """
import pathlib, time
number = 0
while True:
    print("a line", flush=True)
    number += 1
    pathlib.Path({progress!r}).write_text(str(number))
    time.sleep(0.005)
"""


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor(patience=1) as supervisor:
        yield supervisor


def test_a_full_pipe_holds_up_who_writes(supervisor: Supervisor, tmp_path: Path) -> None:
    progress = tmp_path / "progress"
    code = CHATTY.format(progress=str(progress))
    process = supervisor.process("chatty", [sys.executable, "-c", code])
    replica = Replica("chatty", "http://127.0.0.1:1", process)

    def restart(one: Replica) -> None:
        one.process.stop()
        one.process.start()

    def lines() -> int:
        return int(progress.read_text() or 0) if progress.exists() else 0

    fault = StdoutBlocked(replica, restart, tmp_path / "pipe", hold=0)
    fault.prepare()
    until(lambda: lines() > 20, 5, "lines into the pipe")
    fault.inject()
    blocked = until(lambda: process.tree()[0].status() == psutil.STATUS_SLEEPING, 5, "its wait")
    assert blocked
    stood = lines()
    with pytest.raises(Exception, match="not within"):
        until(lambda: lines() > stood + 1, 0.3, "another line")
    fault.end()
    until(lambda: lines() > stood + 20, 5, "lines after it is read again")
    fault.restore()
    until(lambda: "a line" in process.tail(), 5, "lines in its log")


def test_slow_clients_hold_a_request_open_and_hang_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        received: list[bytes] = []
        ended = threading.Semaphore(0)

        def serve() -> None:
            line, _ = server.accept()
            with line:
                received.append(line.recv(65536))
                while piece := line.recv(65536):
                    received.append(piece)
            ended.release()

        threads = [threading.Thread(target=serve, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        fault = SlowClient(server.getsockname()[:2], "/upload/", hold=0)
        fault.inject()
        until(lambda: received.count(b"x") >= 4, 5, "a byte from each")
        assert sum(piece.startswith(b"POST /upload/ HTTP/1.1\r\n") for piece in received) == 4
        fault.end()
        assert all(ended.acquire(timeout=5) for _ in range(4))


def test_a_server_that_has_enough_of_slow_clients_ends_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = server.getsockname()[:2]
    fault = SlowClient(address, "/upload/", hold=0)
    fault.inject()
    fault.end()


class Service:
    def __init__(self, process: Process) -> None:
        self.process = process

    def start(self) -> None:
        self.process.start()

    def stop(self) -> None:
        self.process.stop()


@pytest.fixture
def service(supervisor: Supervisor) -> Service:
    code = "import time; time.sleep(600)"
    service = Service(supervisor.process("service", [sys.executable, "-c", code]))
    service.start()
    return service


def test_refused(service: Service) -> None:
    fault = faults.RedisRefused(service, hold=0)
    fault.inject()
    assert not service.process.running
    fault.end()
    assert service.process.running


def test_hung(service: Service) -> None:
    fault = faults.PostgresPaused(service, hold=0)
    fault.inject()

    def stopped() -> bool:
        return service.process.tree()[0].status() == psutil.STATUS_STOPPED

    until(stopped, 5, "a service that stands still")
    fault.end()
    until(lambda: not stopped(), 5, "the service")


def test_restarted(service: Service) -> None:
    before = service.process.pid
    fault = faults.PostgresRestarted(service)
    fault.inject()
    fault.end()
    assert service.process.running
    assert service.process.pid != before


def test_each_scenario_has_a_name_of_its_own_and_says_what_must_hold() -> None:
    names = [scenario.name for scenario in SCENARIOS]
    assert len(set(names)) == len(names) == 14
    for scenario in SCENARIOS:
        promise = scenario.fault.promise
        assert promise.text.endswith(".")
        assert promise.why.endswith(".")
