"""What decides and what merely degrades: neither holds the other up."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator

import pytest
from support.probe_checks import Gate, fail, well

from django_scaleready.drill.waiting import until
from django_scaleready.probes.flights import now
from django_scaleready.probes.members import Group, Impact, Member
from django_scaleready.probes.panel import Panel
from django_scaleready.probes.results import Outcome, Status

# The deadline is one that a machine which stands still for a while does not miss; a half of which
# something is to hang gets a short one.
TTL, DEADLINE, SHORT = 0.05, 30.0, 0.2


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
    for half in asked._probers:
        half.ttl = 60
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
    half = asked._probers[1]
    until(lambda: half._flight is None, 5, "the end of another flight")
    half.deadline = SHORT
    known = cache.asked
    cache.open.clear()
    until(lambda: details(ask(asked))["cache"].startswith("running"), 5, "a cache that hangs")
    until(lambda: cache.running == 1, 5, "its check")
    database.error = ConnectionRefusedError()
    before = database.asked
    until(lambda: ask(asked).status is Status.FAIL, 5, "the database's failure")
    assert database.asked - before <= 2
    assert cache.asked == known + 1


def test_what_decides_keeps_the_others_from_nothing(gates: tuple[Gate, Gate]) -> None:
    database, cache = gates
    asked = panel(Member("database", database), Member("cache", cache, Impact.DEGRADED))
    ask(asked)
    asked._probers[0].deadline = SHORT
    database.open.clear()
    until(lambda: ask(asked).status is Status.FAIL, 5, "a database that hangs")
    cache.error = ConnectionRefusedError()
    until(lambda: details(ask(asked))["cache"] == "ConnectionRefusedError", 5, "the cache's news")


def test_both_halves_begin_at_once(gates: tuple[Gate, Gate]) -> None:
    _, cache = gates
    cache.open.clear()
    database = Member("database", lambda: until(lambda: cache.running, 5, "the cache's check"))
    asked = panel(database, Member("cache", cache, Impact.DEGRADED))
    asked._probers[1].deadline = SHORT
    outcome = ask(asked)
    assert outcome.status is Status.WARN
    assert details(outcome)["database"] == "", "it has seen the other half's check run"
    assert details(outcome)["cache"].startswith("running")


def test_a_slow_warning_is_waited_for_once(gates: tuple[Gate, Gate]) -> None:
    database, cache = gates
    asked = panel(Member("database", database), Member("cache", cache, Impact.DEGRADED))
    cache.open.clear()
    threading.Timer(SHORT, cache.open.set).start()
    well = {"database": "", "cache": ""}
    assert details(ask(asked)) == well, "the first time"

    def asked_again() -> bool:
        # Were it waited for, it would be reported as running, at the deadline.
        assert details(ask(asked)) == well
        return database.asked > 4 and cache.running == 1

    cache.open.clear()
    until(asked_again, 5, "answers while the cache is asked")
