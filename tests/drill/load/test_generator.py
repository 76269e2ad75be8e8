"""The process that sends the load: its rate, its end, its failures."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from support.answering import PAGE, always, serving

from django_scaleready.drill.clock import Clock
from django_scaleready.drill.load.generator import Load
from django_scaleready.drill.load.plan import Plan, Step
from django_scaleready.drill.recording import Recording
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, until

MIX = [Step("get", "/", weight=3), Step("post", "/count/", "POST")]


@pytest.fixture
def supervisor() -> Iterator[Supervisor]:
    with Supervisor() as supervisor:
        yield supervisor


def test_it_keeps_its_rate_and_ends_after_its_number(supervisor: Supervisor) -> None:
    with serving(always(PAGE)) as server:
        plan = Plan(MIX, rate=200, requests=300)
        load = Load(supervisor, plan, f"http://127.0.0.1:{server.port}", Clock())
        load.start()
        samples = load.wait()
    assert len(samples) == len(server.requests) == 300
    assert Recording(samples).failed() == {}
    lasted = max(s.at for s in samples) - min(s.at for s in samples)
    assert 300 / 200 - 0.1 < lasted < 2 * 300 / 200
    posts = [s.id for s in samples if s.kind == "post"]
    assert len(posts) == len(set(posts))
    assert 0.15 < len(posts) / 300 < 0.35


def test_stopped_it_lets_what_is_in_flight_end(supervisor: Supervisor) -> None:
    def slow(server: object, connection: object) -> None:
        time.sleep(0.3)
        always(PAGE)(server, connection)  # type: ignore[arg-type] # as they came

    with serving(slow) as server:
        clock = Clock()
        plan = Plan([Step("slow", "/", fresh=1)], rate=50)
        load = Load(supervisor, plan, f"http://127.0.0.1:{server.port}", clock)
        load.start()
        stopped = clock.now()
        samples = load.stop()
        assert len(samples) == len(server.requests)
    assert Recording(samples).failed() == {}
    assert any(sample.ended > stopped for sample in samples)
    assert not load.running


def test_what_ended_so_far_can_be_read_while_it_runs(supervisor: Supervisor) -> None:
    with serving(always(PAGE)) as server:
        load = Load(supervisor, Plan(MIX, rate=100), f"http://127.0.0.1:{server.port}", Clock())
        load.start()
        first = len(load.samples())
        until(lambda: len(load.samples()) > first + 50, 10, "more samples")
        load.stop()


def test_a_load_that_cannot_begin_shows_why(supervisor: Supervisor) -> None:
    load = Load(supervisor, Plan([], rate=100), "http://127.0.0.1:9", Clock())
    with pytest.raises(DrillError, match=r"(?s)load.*IndexError"):
        load.start()
