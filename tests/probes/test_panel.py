"""What decides and what merely degrades: neither holds the other up."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator

import pytest
from support.probe_checks import Gate, fail, well

from django_scaleready.drill.waiting import until
from django_scaleready.probes.flights import now
from django_scaleready.probes.members import Group, Impact, Member
from django_scaleready.probes.panel import Panel
from django_scaleready.probes.results import Outcome, Status

TTL, DEADLINE = 0.05, 0.6


@pytest.fixture
def gates() -> Iterator[tuple[Gate, Gate]]:
    gates = Gate(), Gate()
    yield gates
    for gate in gates:
        gate.open.set()


def panel(*members: Member) -> Panel:
    return Panel(Group("readiness", members), TTL, DEADLINE, level=logging.WARNING)


def ask(asked: Panel) -> Outcome:
    return now(asked.ask(time.monotonic() + DEADLINE, holds_thread=True))


def details(outcome: Outcome) -> dict[str, str]:
    return {result.component: result.detail for result in outcome.results}


def test_both_halves_are_one_outcome() -> None:
    asked = panel(Member("cache", fail, Impact.DEGRADED), Member("database", well))
    outcome = ask(asked)
    assert outcome.status is Status.WARN
    assert details(outcome) == {"database": "", "cache": "ConnectionRefusedError"}
    assert ask(asked) is outcome, "put together once"


@pytest.mark.parametrize("impact", list(Impact))
def test_one_half_is_enough(impact: Impact) -> None:
    assert ask(panel(Member("disk", well, impact))).status is Status.PASS


def test_nothing_to_ask_passes() -> None:
    assert ask(panel()).status is Status.PASS


def test_what_degrades_keeps_nobody_from_the_news(gates: tuple[Gate, Gate]) -> None:
    database, cache = gates
    asked = panel(Member("database", database), Member("cache", cache, Impact.DEGRADED))
    assert ask(asked).status is Status.PASS
    cache.open.clear()
    until(lambda: details(ask(asked))["cache"].startswith("running"), 5, "a cache that hangs")
    database.error = ConnectionRefusedError()
    before = database.asked
    until(lambda: ask(asked).status is Status.FAIL, 5, "the database's failure")
    assert database.asked - before <= 2
    assert cache.asked == 2


def test_what_decides_keeps_the_others_from_nothing(gates: tuple[Gate, Gate]) -> None:
    database, cache = gates
    asked = panel(Member("database", database), Member("cache", cache, Impact.DEGRADED))
    ask(asked)
    database.open.clear()
    until(lambda: ask(asked).status is Status.FAIL, 5, "a database that hangs")
    cache.error = ConnectionRefusedError()
    until(lambda: details(ask(asked))["cache"] == "ConnectionRefusedError", 5, "the cache's news")


def test_both_halves_begin_at_once(gates: tuple[Gate, Gate]) -> None:
    _, cache = gates
    cache.open.clear()
    database = Member("database", lambda: time.sleep(0.75 * DEADLINE))
    begun = time.monotonic()
    outcome = ask(panel(database, Member("cache", cache, Impact.DEGRADED)))
    assert time.monotonic() - begun < 1.5 * DEADLINE
    assert outcome.status is Status.WARN
    assert outcome.results[1].seconds > 0.75 * DEADLINE


def test_a_slow_warning_is_waited_for_once() -> None:
    slow = Member("cache", lambda: time.sleep(0.75 * DEADLINE), Impact.DEGRADED)
    asked = panel(Member("database", well), slow)
    assert details(ask(asked)) == {"database": "", "cache": ""}
    end = time.monotonic() + 2 * DEADLINE
    while time.monotonic() < end:
        begun = time.monotonic()
        assert ask(asked).status is Status.PASS
        assert time.monotonic() - begun < DEADLINE / 2
