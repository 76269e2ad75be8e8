"""Two replicas, one cache: who is alone stays away, who fails with everybody serves on."""

from __future__ import annotations

import math
from typing import Any

import pytest
from django.core.cache import cache

from django_scaleready.probes.everybody import KEY, Everybody
from django_scaleready.probes.members import Impact, Member
from django_scaleready.probes.results import Outcome, Result, Status

AFTER = 30.0
MEMBERS = [
    Member("database", lambda: None, shared=True),
    Member("disk", lambda: None),
    Member("cache", lambda: None, Impact.DEGRADED, shared=True),
]


@pytest.fixture(autouse=True)
def empty() -> None:
    cache.clear()


class Clock:
    """Seconds, as the test says."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


CLOCK = Clock()


@pytest.fixture
def replica() -> Everybody:
    return Everybody(MEMBERS, AFTER, CLOCK)


def outcome(at: float, **failing: Status) -> Outcome:
    names = [member.component for member in MEMBERS]
    return Outcome(
        tuple(Result(name, failing.get(name, Status.PASS), 0.1, "", "refused") for name in names),
        at,
    )


def away(at: float) -> Outcome:
    return outcome(at, database=Status.FAIL)


def run(replica: Everybody, found: Outcome) -> Status:
    """An exchange with the others, and then an outcome."""
    CLOCK.now = found.at
    replica.member.check()
    return replica.judge(found).status


def test_a_failure_counts_first(replica: Everybody) -> None:
    assert run(replica, away(100)) is Status.FAIL
    assert run(replica, away(100 + AFTER - 1)) is Status.FAIL


def test_what_everybody_has_for_long_is_degraded(replica: Everybody) -> None:
    run(replica, away(100))
    judged = replica.judge(away(100 + AFTER))
    assert judged.status is Status.WARN
    (result,) = [r for r in judged.results if r.component == "database"]
    assert result.reason == "refused (no replica has passed for 30 s: serving on)"


def test_the_odd_one_out_stays_away(replica: Everybody) -> None:
    peer = Everybody(MEMBERS, AFTER, CLOCK)
    run(peer, outcome(90))
    run(peer, outcome(91))  # says so
    assert cache.get(KEY) is not None
    run(replica, away(100))
    assert run(replica, away(200)) is Status.FAIL
    cache.delete(KEY)  # it has not passed for ``after`` seconds
    assert run(replica, away(201)) is Status.WARN


def test_a_pass_begins_anew(replica: Everybody) -> None:
    run(replica, away(100))
    run(replica, outcome(110))
    assert run(replica, away(150)) is Status.FAIL


def test_what_is_this_replica_s_own_is_never_degraded(replica: Everybody) -> None:
    own = {"database": Status.FAIL, "disk": Status.FAIL}
    run(replica, outcome(100, **own))
    assert run(replica, outcome(1000, **own)) is Status.FAIL
    assert run(replica, away(1001)) is Status.FAIL, "counted from when it is the shared one alone"


def test_whoever_fails_says_nothing(replica: Everybody) -> None:
    for at in (100, 101, 500):
        run(replica, away(at))
    assert cache.get(KEY) is None


def test_a_cache_that_cannot_be_asked_has_no_say(
    replica: Everybody, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(cache, "get", refuse)
    monkeypatch.setattr(cache, "set", refuse)
    assert run(replica, outcome(90)) is Status.PASS
    assert run(replica, outcome(91)) is Status.PASS
    run(replica, away(100))
    assert run(replica, away(200)) is Status.WARN


def test_what_was_heard_last_grows_old(replica: Everybody, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise ConnectionRefusedError

    cache.set(KEY, 1)
    run(replica, away(100))
    assert run(replica, away(200)) is Status.FAIL
    monkeypatch.setattr(cache, "get", refuse)
    assert run(replica, away(201)) is Status.FAIL, "one lost answer makes nobody serve on"
    assert run(replica, away(200 + AFTER)) is Status.WARN


def test_the_cache_is_written_a_few_times_in_the_while(
    replica: Everybody, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[float] = []
    monkeypatch.setattr(cache, "set", lambda *given: written.append(given[2]))
    for at in range(60):
        run(replica, outcome(at))
    assert written == [AFTER] * 6


@pytest.mark.parametrize(
    ("members", "after", "concerned"),
    [
        (MEMBERS, AFTER, True),
        (MEMBERS, math.inf, False),
        (MEMBERS[1:], AFTER, False),  # a shared one that merely degrades
        ([], AFTER, False),
    ],
)
def test_where_there_is_nothing_to_share(
    members: list[Member], after: float, concerned: bool
) -> None:
    assert Everybody(members, after).concerned is concerned
