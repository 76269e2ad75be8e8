"""One thread, one flight, one deadline: with checks that hang and come loose on demand."""

from __future__ import annotations

import asyncio
import os
import re
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.probe_checks import Gate, fail, well

from django_scaleready.drill.waiting import until
from django_scaleready.probes import lanes, runner
from django_scaleready.probes.flights import Flight, Wait, now, soon
from django_scaleready.probes.members import (
    Check,
    CheckFailedError,
    CheckWarning,
    Group,
    Impact,
    Member,
)
from django_scaleready.probes.results import Outcome, Result, Status
from django_scaleready.probes.runner import Prober, examine

# No machine that stands still for a while misses the deadline. What is to miss it gets a short one,
# or a flight that is overdue by decree: see ``hang``.
TTL, DEADLINE, SHORT = 0.05, 30.0, 0.2


@pytest.fixture
def gate() -> Iterator[Gate]:
    gate = Gate()
    yield gate
    gate.open.set()


@pytest.fixture
def landed() -> list[Outcome]:
    return []


@pytest.fixture
def prober(gate: Gate, landed: list[Outcome]) -> Prober:
    """A database that hangs while the gate is shut, and a cache behind it."""
    members = [Member("database", gate), Member("cache", well)]
    return Prober(Group(group_name(), tuple(members)), TTL, DEADLINE, landed=landed.append)


def ask(prober: Prober, *, holds_thread: bool = True) -> Outcome:
    return now(prober.ask(time.monotonic() + DEADLINE, holds_thread=holds_thread))


def at_once(prober: Prober) -> Outcome:
    """An outcome that is told without a wait for any flight."""
    with pytest.raises(StopIteration) as answered:
        next(prober.ask(time.monotonic() + DEADLINE, holds_thread=True))
    outcome: Outcome = answered.value.value
    return outcome


def take_off(prober: Prober, gate: Gate) -> Flight:
    """Shut the gate, and begin a flight whose check hangs there."""
    gate.open.clear()
    prober.begin()
    until(lambda: gate.running == 1, 5, "the check")
    assert prober._flight is not None
    return prober._flight


def hang(prober: Prober, gate: Gate) -> Outcome:
    """Have a flight land whose check hangs; its deadline is over as soon as the check has begun."""
    take_off(prober, gate).overdue = time.monotonic()
    return ask(prober)


def word(outcome: Outcome, component: str = "database") -> str:
    (result,) = [r for r in outcome.results if r.component == component]
    return result.detail


def lane_threads() -> int:
    """Threads of this test: those of others idle for a while."""
    return sum(thread.name == f"scaleready-{group_name()}" for thread in threading.enumerate())


def group_name() -> str:
    return os.environ["PYTEST_CURRENT_TEST"].split("::")[1].split(" ")[0]


def age_past_ttl(prober: Prober) -> None:
    last = prober._last
    assert last is not None
    until(lambda: time.monotonic() - last.at > TTL, 5, "an old outcome")


# -- One check --


def examined(check: Check, impact: Impact = Impact.CRITICAL, slow: float = 5.0) -> Result:
    return examine(Member("database", check, impact), slow)


def test_a_check_that_returns() -> None:
    assert examined(well).status is Status.PASS


def test_an_exception_shows_its_class_and_logs_its_message() -> None:
    result = examined(fail)
    assert (result.status, result.detail) == (Status.FAIL, "ConnectionRefusedError")
    assert result.reason == "ConnectionRefusedError: db.internal:5432 refused"


def test_a_verdict_is_shown_as_it_is() -> None:
    def refuse() -> None:
        raise CheckFailedError("2 unapplied migrations")

    result = examined(refuse)
    assert result.status is Status.FAIL
    assert result.detail == result.reason == "2 unapplied migrations"


def test_what_merely_degrades_is_a_warning() -> None:
    assert examined(fail, Impact.DEGRADED).status is Status.WARN


def test_a_check_may_only_warn() -> None:
    def warn() -> None:
        raise CheckWarning("90 % full")

    result = examined(warn)
    assert (result.status, result.detail) == (Status.WARN, "90 % full")


def test_a_slow_check_is_a_warning() -> None:
    result = examined(well, slow=0.0)
    assert result.status is Status.WARN
    assert re.fullmatch(r"slow: \d+\.\d\d s", result.detail)


def test_a_check_that_exits_ends_nothing() -> None:
    def leave() -> None:
        raise SystemExit(3)

    assert examined(leave).detail == "SystemExit"


# -- Flights --


def test_every_check_runs_although_the_first_fails() -> None:
    members = [Member("database", fail), Member("cache", well)]
    prober = Prober(Group(group_name(), tuple(members)), TTL, DEADLINE, landed=lambda _: None)
    first, second = ask(prober).results
    assert (first.component, first.status) == ("database", Status.FAIL)
    assert (second.component, second.status) == ("cache", Status.PASS)


def test_nothing_to_ask_passes() -> None:
    prober = Prober(Group("startup"), TTL, DEADLINE, landed=lambda _: None)
    assert ask(prober).status is Status.PASS


def test_an_outcome_answers_for_its_time_to_live(prober: Prober, gate: Gate) -> None:
    prober.ttl = 60
    assert len({id(ask(prober)) for _ in range(100)}) == 1
    assert gate.asked == 1


def test_an_old_outcome_is_asked_for_again(prober: Prober, gate: Gate) -> None:
    ask(prober)
    age_past_ttl(prober)
    gate.error = ConnectionRefusedError()
    assert ask(prober).status is Status.FAIL
    age_past_ttl(prober)
    gate.error = None
    assert ask(prober).status is Status.PASS, "a failure that answers is asked anew as well"
    assert gate.asked == 3


def test_one_thread_however_often_it_is_asked(prober: Prober) -> None:
    for _ in range(3):
        ask(prober)
        age_past_ttl(prober)
    assert lane_threads() == 1


def test_every_outcome_is_told_once(prober: Prober, landed: list[Outcome]) -> None:
    prober.ttl = 60
    outcome = ask(prober)
    ask(prober)
    until(lambda: landed, 5, "the outcome")
    assert landed == [outcome]


def test_a_check_past_the_deadline_is_running_and_the_next_one_waiting(
    prober: Prober, gate: Gate
) -> None:
    prober.deadline = SHORT
    begun = time.monotonic()
    take_off(prober, gate)
    outcome = ask(prober)
    assert SHORT <= time.monotonic() - begun < DEADLINE / 3
    assert word(outcome).startswith("running for ")
    assert word(outcome, "cache") == "waiting"
    assert (outcome.status, outcome.finished) == (Status.FAIL, False)


def test_whoever_has_less_time_than_the_flight_is_told_what_is_known(
    prober: Prober, gate: Gate
) -> None:
    take_off(prober, gate)
    outcome = now(prober.ask(time.monotonic() + 0.05, holds_thread=True))
    assert word(outcome).startswith("running for ")
    assert prober._last is None


def test_a_stuck_check_does_not_keep_the_others_from_being_asked(
    prober: Prober, gate: Gate
) -> None:
    hang(prober, gate)

    def cache_is_asked() -> bool:
        outcome = ask(prober)
        return word(outcome, "cache") == "" and word(outcome).startswith("running for")

    until(cache_is_asked, 5, "the cache's answer")
    assert gate.asked == 1, "while it hangs it is not asked again"


def test_nobody_waits_for_what_is_known_to_hang(prober: Prober, gate: Gate) -> None:
    hang(prober, gate)
    for _ in range(20):
        age_past_ttl(prober)
        assert at_once(prober).status is Status.FAIL


def test_alone_it_needs_no_other_thread(gate: Gate) -> None:
    group = Group(group_name(), (Member("database", gate),))
    prober = Prober(group, TTL, DEADLINE, landed=lambda _: None)
    hang(prober, gate)
    for _ in range(5):
        age_past_ttl(prober)
        outcome = ask(prober)
        assert word(outcome).startswith("running for")
        assert outcome is prober._last, "with its age by now"
    assert lane_threads() == 1
    thread = next(t for t in threading.enumerate() if t.name == f"scaleready-{group_name()}")
    gate.open.set()
    until(lambda: ask(prober).status is Status.PASS, 5, "a pass")
    assert thread.is_alive(), "what hung goes on as before"
    assert lane_threads() == 1


def test_who_is_not_patient_waits_for_the_first_flight_alone(gate: Gate) -> None:
    group = Group(group_name(), (Member("cache", gate, Impact.DEGRADED),))
    prober = Prober(group, TTL, DEADLINE, landed=lambda _: None, patient=False)
    first = ask(prober)
    assert first.status is Status.PASS
    gate.open.clear()
    age_past_ttl(prober)
    prober.deadline = SHORT
    assert at_once(prober) is first
    until(lambda: ask(prober).status is Status.WARN, 5, "the news")


def test_begun_is_not_waited_for(prober: Prober, gate: Gate) -> None:
    gate.open.clear()
    prober.begin()
    prober.begin()
    until(lambda: gate.asked == 1, 5, "the flight")
    gate.open.set()
    assert ask(prober).status is Status.PASS
    prober.ttl = 60
    prober.begin()
    assert prober._flight is None, "what is known is fresh"


def test_a_check_that_comes_loose_is_seen_at_once(prober: Prober, gate: Gate) -> None:
    hang(prober, gate)
    gate.open.set()
    until(lambda: gate.asked == 2, 5, "a flight that nobody had to ask for")
    until(lambda: ask(prober).status is Status.PASS, 5, "a pass")
    until(lambda: lane_threads() == 1, 5, "the end of the thread that was stuck")


def test_what_comes_loose_during_a_flight_is_asked_after_it(
    gate: Gate, landed: list[Outcome]
) -> None:
    other = Gate()
    members = [Member("database", gate), Member("cache", other)]
    prober = Prober(Group(group_name(), tuple(members)), TTL, DEADLINE, landed=landed.append)
    hang(prober, gate)
    other.open.clear()
    age_past_ttl(prober)
    ask(prober)  # begins a flight, and is told what is known
    until(lambda: other.running == 1, 5, "the second flight, which has passed the first check over")
    gate.open.set()
    until(lambda: gate.running == 0, 5, "the check that hung")
    other.open.set()
    until(lambda: gate.asked == 2, 5, "a third flight")


def test_a_check_that_answers_when_nobody_waits_any_more_counts(prober: Prober, gate: Gate) -> None:
    prober.deadline = SHORT
    flight = take_off(prober, gate)
    flight.overdue += DEADLINE
    asking = prober.ask(flight.overdue, holds_thread=True)
    next(asking)
    asking.close()  # the client left
    flight.overdue = time.monotonic() + SHORT
    until(lambda: time.monotonic() > flight.overdue, 5, "a late answer")
    gate.open.set()
    until(lambda: prober._last is not None, 5, "the end of the flight")
    assert prober._last is not None
    assert prober._last.status is Status.WARN
    assert word(prober._last).startswith("slow: ")


def test_one_thread_waits_and_the_others_get_the_last_outcome(prober: Prober, gate: Gate) -> None:
    prober.ttl = 0.0
    first = ask(prober)
    gate.open.clear()
    with ThreadPoolExecutor(1) as pool:
        waiter = pool.submit(ask, prober)
        until(lambda: prober._waiting == 1, 5, "somebody who waits")
        assert at_once(prober) is first
        gate.open.set()
        assert waiter.result(5) is not first


def test_who_holds_no_thread_may_wait_with_the_others(prober: Prober, gate: Gate) -> None:
    async def main() -> set[int]:
        asked = [
            asyncio.create_task(soon(prober.ask(time.monotonic() + DEADLINE, holds_thread=False)))
            for _ in range(100)
        ]
        await asyncio.sleep(0)
        threads = threading.active_count()
        gate.open.set()
        outcomes = {id(await task) for task in asked}
        assert threading.active_count() <= threads
        return outcomes

    prober.ttl = 0.0
    before = ask(prober)
    gate.open.clear()
    outcomes = asyncio.run(main())
    assert len(outcomes) == 1
    assert id(before) not in outcomes
    assert prober._waiting == 0


def test_a_flight_that_has_landed_is_not_waited_for(prober: Prober, gate: Gate) -> None:
    gate.open.clear()
    wait = next(prober.ask(time.monotonic() + 60, holds_thread=False))
    gate.open.set()
    wait.block()
    begun = time.monotonic()
    asyncio.run(Wait(wait.flight, begun + DEADLINE).pause())
    assert time.monotonic() - begun < DEADLINE / 3


def test_a_task_that_is_cancelled_gives_its_place_back(prober: Prober, gate: Gate) -> None:
    async def main() -> None:
        task = asyncio.create_task(soon(prober.ask(time.monotonic() + 5, holds_thread=True)))
        await asyncio.sleep(0)
        assert prober._waiting == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    gate.open.clear()
    asyncio.run(main())
    assert prober._waiting == 0


def test_a_flood_of_threads_waits_for_one_flight(prober: Prober, gate: Gate) -> None:
    waited_for = []

    def status(_: int) -> Status:
        asking = prober.ask(time.monotonic() + DEADLINE, holds_thread=True)
        try:
            while True:
                wait = next(asking)
                waited_for.append(wait.flight)
                wait.block()
        except StopIteration as answered:
            found: Status = answered.value.status
            return found

    prober.ttl, prober.deadline = 0.0, 2 * SHORT
    flight = take_off(prober, gate)
    with ThreadPoolExecutor(50) as pool:
        assert set(pool.map(status, range(200))) == {Status.FAIL}
    assert {id(each) for each in waited_for} <= {id(flight)}, "150 come when it has landed"
    assert gate.asked == 1


def test_what_is_stuck_for_long_is_tried_again_a_few_times(
    prober: Prober, gate: Gate, landed: list[Outcome], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "RETRY_SECONDS", 0.0)
    monkeypatch.setattr(runner, "CUT_SECONDS", 0.0)
    hang(prober, gate)
    prober.deadline = SHORT

    def tried(times: int) -> bool:
        at_once(prober)  # nobody waits for another try
        return gate.asked >= times

    until(lambda: tried(runner.MAX_STUCK), 10, "further tries")
    count = len(landed)

    def flown_on() -> bool:
        assert not tried(runner.MAX_STUCK + 1)
        return len(landed) >= count + 6

    until(flown_on, 10, "further flights")
    assert gate.running == runner.MAX_STUCK
    until(lambda: lane_threads() <= runner.MAX_STUCK + 1, 5, "the end of all others")
    gate.open.set()
    until(lambda: ask(prober).status is Status.PASS, 5, "a pass")


def test_a_thread_without_work_ends(prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lanes, "IDLE_SECONDS", 0.02)
    ask(prober)
    until(lambda: lane_threads() == 0, 5, "its end")
    assert ask(prober).status is Status.PASS
    age_past_ttl(prober)
    assert ask(prober).status is Status.PASS


def test_a_thread_may_be_let_go(prober: Prober) -> None:
    prober.rest()
    ask(prober)
    until(lambda: prober._flight is None, 5, "the end of the flight")
    prober.rest()
    until(lambda: lane_threads() == 0, 5, "its end")
    age_past_ttl(prober)
    assert ask(prober).status is Status.PASS


def test_no_thread_to_be_had_is_an_answer(prober: Prober, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        prober.deadline = SHORT
        assert word(ask(prober)) == "waiting"
    until(lambda: ask(prober).status is Status.PASS, 5, "a thread")


def test_a_judge_has_the_last_word(landed: list[Outcome]) -> None:
    def lenient(outcome: Outcome) -> Outcome:
        return Outcome((), outcome.at)

    group = Group(group_name(), (Member("database", fail),))
    prober = Prober(group, TTL, DEADLINE, landed=landed.append, judge=lenient)
    assert ask(prober).status is Status.PASS
    assert prober._last is not None
    assert prober._last.status is Status.PASS
