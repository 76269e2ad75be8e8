"""What is written down of replicas that come, drain and go."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from django_scaleready.drill.balancers import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.recording import DOWN, DRAINING, READY, STARTING
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until
from django_scaleready.drill.watch import Watch

LISTENS = """
import socket, sys, time
server = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens", flush=True)
time.sleep(600)
"""


class Believes:
    """A balancer that believes what it is told."""

    name, url = "believes", ""

    def __init__(self) -> None:
        self.known: frozenset[str] | None = frozenset("ab")

    def start(self) -> None: ...

    def stop(self) -> None: ...

    def take_out(self, replica: Replica) -> None: ...

    def put_back(self, replica: Replica) -> None: ...

    def up(self) -> frozenset[str]:
        if self.known is None:
            raise ConnectionRefusedError
        return self.known


@pytest.fixture
def replicas() -> Iterator[list[Replica]]:
    with Supervisor() as supervisor:
        made = []
        for name in "ab":
            port = supervisor.port()
            process = supervisor.process(name, [sys.executable, "-c", LISTENS, str(port)])
            made.append(Replica(name, f"http://127.0.0.1:{port}", process, readiness=""))
            made[-1].start()
        for replica in made:
            replica.wait()
        yield made


def test_a_restart_is_seen_in_all_its_states(replicas: list[Replica]) -> None:
    balancer: Balancer = (believes := Believes())
    a = replicas[0]

    def states() -> list[str]:
        return [change.state for change in watch.changes if change.replica == "a"]

    with Watch(Clock(), replicas, balancer) as watch:
        assert states() == [READY]
        believes.known = frozenset("b")
        until(lambda: states()[-1] == DRAINING, 5, "draining")
        a.process.kill()
        until(lambda: states()[-1] == DOWN, 5, "down")
        a.start()
        until(lambda: states()[-1] == STARTING, 5, "starting")
        believes.known = frozenset("ab")
        until(lambda: states()[-1] == READY, 5, "ready")
    assert states() == [READY, DRAINING, DOWN, STARTING, READY]
    times = [change.at for change in watch.changes]
    assert times == sorted(times)
    assert [change.state for change in watch.changes if change.replica == "b"] == [READY]


def test_a_restart_that_is_quicker_than_a_look_is_seen(replicas: list[Replica]) -> None:
    with Watch(Clock(), replicas, Believes()) as watch:
        replicas[1].process.kill()
        replicas[1].start()
        until(lambda: len(watch.changes) > 2, 5, "another b")
        until(lambda: watch.changes[-1][1:] == ("b", READY), 5, "b again")
    seen = [change.state for change in watch.changes if change.replica == "b"]
    assert seen == [READY, DOWN, STARTING, READY]


def test_a_balancer_that_does_not_answer_changes_nothing(replicas: list[Replica]) -> None:
    believes = Believes()
    with Watch(Clock(), replicas, believes) as watch:
        believes.known = None
        replicas[0].process.kill()
        until(lambda: ("a", DOWN) in [change[1:] for change in watch.changes], 5, "a down")
        believes.known = frozenset("b")
    assert [change.state for change in watch.changes if change.replica == "b"] == [READY]
