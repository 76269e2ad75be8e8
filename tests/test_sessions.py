"""What the session store promises, with the cache taken away from one process or from all."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from support.faulty_cache import FaultyCache, settings_for

from django_scaleready import sessions
from django_scaleready.sessions import SessionStore

pytestmark = pytest.mark.django_db

A, B = "process-a", "process-b"


class Clock:
    """Both clocks of the store, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0
        self.skew = 0.0

    def time(self) -> float:
        return self.now + self.skew

    def monotonic(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Nothing of an earlier test: breakers, entries, outages."""
    moved = Clock()
    monkeypatch.setattr(sessions, "time", moved)
    sessions.breaker.cache_clear()
    FaultyCache.away.clear()
    FaultyCache.calls.clear()
    FaultyCache.meanwhile.clear()
    with override_settings(CACHES=settings_for(A, B)):
        caches[A].clear()
        yield moved
    sessions.breaker.cache_clear()


@pytest.fixture
def store() -> Callable[..., SessionStore]:
    def make(process: str, key: str | None = None) -> SessionStore:
        with override_settings(SESSION_CACHE_ALIAS=process):
            return SessionStore(key)

    return make


Make = Callable[..., SessionStore]


def signed_in(make: Make, process: str = A, user: str = "ann") -> str:
    session = make(process)
    session["user"] = user
    session.save()
    assert session.session_key
    return session.session_key


def user(make: Make, process: str, key: str) -> Any:
    return make(process, key).get("user")


def queries(read: Callable[[], Any]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        read()
    return len(captured)


def recover(clock: Clock, *processes: str) -> None:
    """The server is back, and each process has been asked for a session since."""
    FaultyCache.away.clear()
    clock.now += sessions.RETRY_SECONDS + 0.1
    for process in processes:
        assert sessions.breaker(process)._ready()


def test_a_session_is_read_from_the_cache(store: Make) -> None:
    key = signed_in(store)
    assert queries(lambda: user(store, B, key)) == 0
    assert user(store, B, key) == "ann"


def test_a_lost_cache_is_a_read_of_the_database_and_then_cached_again(store: Make) -> None:
    key = signed_in(store)
    caches[A].clear()
    assert queries(lambda: user(store, B, key)) == 1
    assert queries(lambda: user(store, A, key)) == 0
    assert user(store, A, key) == "ann"


def test_no_entry_is_trusted_for_longer_than_the_cap(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    clock.now += sessions.CACHE_SECONDS + 1
    assert queries(lambda: user(store, B, key)) == 1


def test_a_logout_is_seen_by_the_next_process(store: Make) -> None:
    key = signed_in(store)
    store(A, key).flush()
    assert user(store, B, key) is None
    assert not Session.objects.filter(session_key=key).exists()


def test_a_new_key_leaves_the_old_one_dead(store: Make) -> None:
    key = signed_in(store)
    session = store(A, key)
    session.cycle_key()
    assert user(store, B, key) is None
    assert user(store, B, session.session_key or "") == "ann"


def test_a_reader_that_comes_late_does_not_bring_a_logout_back(store: Make) -> None:
    key = signed_in(store)
    caches[A].clear()
    late = store(B, key)
    read = late._get_session_from_db

    def logged_out_meanwhile() -> Any:
        row = read()
        store(A, key).flush()
        return row

    late._get_session_from_db = logged_out_meanwhile
    assert late.get("user") == "ann"
    assert user(store, A, key) is None
    assert user(store, B, key) is None


def test_nothing_fails_while_the_cache_is_away(store: Make) -> None:
    FaultyCache.away |= {A, B}
    key = signed_in(store)
    session = store(B, key)
    assert session["user"] == "ann"
    session["user"] = "bob"
    session.save()
    assert user(store, A, key) == "bob"
    session.cycle_key()
    assert user(store, A, key) is None
    session.flush()
    assert Session.objects.count() == 0


def test_an_outage_costs_one_failed_operation_each_while(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away.add(A)
    FaultyCache.calls.clear()
    for _ in range(20):
        assert user(store, A, key) == "ann"
    assert len(FaultyCache.calls) == 1
    clock.now += sessions.RETRY_SECONDS + 0.1
    for _ in range(20):
        assert user(store, A, key) == "ann"
    assert len(FaultyCache.calls) == 2


def test_a_logout_during_the_outage_is_not_undone(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away |= {A, B}
    store(A, key).flush()
    assert user(store, B, key) is None
    recover(clock, A, B)
    assert user(store, A, key) is None
    assert user(store, B, key) is None


def test_who_noticed_trusts_nothing_from_before(store: Make, clock: Clock) -> None:
    """A logged out and then ended: nobody is left to mark the entry."""
    key = signed_in(store)
    FaultyCache.away |= {A, B}
    store(A, key).flush()
    assert user(store, B, key) is None
    recover(clock, B)
    assert caches[B].get(f"{sessions.KEY_PREFIX}{key}")
    assert user(store, B, key) is None


def test_who_did_not_notice_is_told_once_the_writer_is_back(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away.add(A)
    store(A, key).flush()
    assert user(store, B, key) == "ann"  # the window that the module's docstring admits
    recover(clock, A)
    assert user(store, B, key) is None


def test_who_did_not_notice_is_bounded_by_the_cap(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away.add(A)
    store(A, key).flush()
    clock.now += sessions.CACHE_SECONDS + 1
    assert user(store, B, key) is None


def test_a_write_during_the_outage_is_not_lost(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away.add(A)
    session = store(A, key)
    session["user"] = "bob"
    session.save()
    recover(clock, A)
    assert user(store, A, key) == "bob"
    assert user(store, B, key) == "bob"


def test_the_cache_is_used_again_after_an_outage(store: Make, clock: Clock) -> None:
    FaultyCache.away.add(A)
    key = signed_in(store)
    recover(clock, A)
    clock.now += sessions.CACHE_SECONDS + 1
    caches[A].clear()
    assert user(store, A, key) == "ann"
    assert queries(lambda: user(store, A, key)) == 0


def test_marks_that_fail_are_tried_again(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    FaultyCache.away.add(A)
    store(A, key).flush()
    clock.now += sessions.RETRY_SECONDS + 0.1
    assert not sessions.breaker(A)._ready()
    assert user(store, B, key) == "ann"
    recover(clock, A)
    assert user(store, B, key) is None


def test_more_keys_than_one_batch_are_all_marked(
    store: Make, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "MARKS_AT_ONCE", 2)
    keys = [signed_in(store) for _ in range(5)]
    FaultyCache.away.add(A)
    for key in keys:
        store(A, key).flush()
    recover(clock, A)
    assert [user(store, B, key) for key in keys] == [None] * 5


def test_a_key_missed_again_while_it_is_marked_is_marked_again(store: Make, clock: Clock) -> None:
    key = signed_in(store)

    def write(process: str, user: str) -> None:
        session = store(process, key)
        session["user"] = user
        session.save()

    def both_write() -> None:
        write(B, "bob")  # over the mark
        write(A, "ann again")  # past the cache, which this process does not use yet

    FaultyCache.away.add(A)
    write(A, "late")
    FaultyCache.meanwhile["set_many"] = both_write
    recover(clock, A)
    assert user(store, B, key) == "ann again"


def test_one_caller_finds_out_for_all(store: Make, clock: Clock) -> None:
    FaultyCache.away.add(A)
    user(store, A, "x" * 32)
    others = []
    FaultyCache.meanwhile["get"] = lambda: others.append(sessions.breaker(A)._ready())
    recover(clock, A)
    assert others == [False]


def test_an_answer_that_an_outage_overtook_is_not_believed(store: Make) -> None:
    key = signed_in(store)
    session = store(A, key)

    def another_thread_fails() -> None:
        FaultyCache.away.add(A)
        sessions.breaker(A).call(lambda cache: cache.get("other"))

    FaultyCache.meanwhile["get"] = another_thread_fails
    assert queries(lambda: session.get("user")) == 1
    assert session["user"] == "ann"


def test_a_mark_costs_no_second_call(store: Make) -> None:
    key = signed_in(store)
    caches[A].set(f"{sessions.KEY_PREFIX}{key}", sessions.MARK)
    FaultyCache.calls.clear()
    assert user(store, A, key) == "ann"
    assert FaultyCache.calls == [(A, "get")]


def test_what_is_remembered_is_bounded(store: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "MAX_REMEMBERED", 3)
    keys = [signed_in(store) for _ in range(5)]
    FaultyCache.away.add(A)
    for key in keys:
        store(A, key).flush()
    assert [key[-32:] for key in sessions.breaker(A)._missed] == keys[2:]


@pytest.mark.parametrize("skew", [-4.0, 4.0])
def test_clocks_may_differ(store: Make, clock: Clock, skew: float) -> None:
    """The entry is made while A is cut off, by B, whose clock is wrong and who then ends."""
    FaultyCache.away.add(A)
    assert user(store, A, "x" * 32) is None
    clock.now += sessions.RETRY_SECONDS + 0.1
    clock.skew = skew
    key = signed_in(store, B)
    FaultyCache.away.add(B)
    store(B, key).flush()
    clock.skew = 0.0
    FaultyCache.away.clear()
    assert user(store, A, key) is None
    clock.now += 1
    assert user(store, A, key) is None


def test_an_entry_from_the_future_is_not_trusted(store: Make, clock: Clock) -> None:
    clock.skew = 3600.0
    key = signed_in(store, B)
    clock.skew = 0.0
    assert queries(lambda: user(store, A, key)) == 1


@pytest.mark.parametrize("forged", ["text", [1.0], {"user": "eve"}, ["soon", "text"], [None, 1]])
def test_an_entry_that_is_none_is_not_believed(store: Make, forged: object) -> None:
    key = signed_in(store)
    caches[A].set(f"{sessions.KEY_PREFIX}{key}", forged)
    assert user(store, A, key) == "ann"


def test_an_entry_that_is_not_signed_is_not_believed(store: Make, clock: Clock) -> None:
    key = signed_in(store)
    caches[A].set(f"{sessions.KEY_PREFIX}{key}", [clock.now, "e30:1abc:forged"])
    assert user(store, A, key) == "ann"


def test_an_entry_ends_with_its_session(store: Make) -> None:
    session = store(A)
    session["user"] = "ann"
    session.set_expiry(timedelta(seconds=-1))
    session.save()
    assert user(store, B, session.session_key or "") is None


def test_a_key_nobody_gave_out_is_no_session(store: Make) -> None:
    session = store(A, "x" * 32)
    assert session.get("user") is None
    assert session.session_key is None
    store(A).flush()


def test_an_outage_is_logged_once_and_so_is_its_end(
    store: Make, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    key = signed_in(store)
    with caplog.at_level(logging.INFO, logger=sessions.__name__):
        FaultyCache.away.add(A)
        for _ in range(3):
            user(store, A, key)
            clock.now += sessions.RETRY_SECONDS + 0.1
        recover(clock, A)
    assert [record.getMessage() for record in caplog.records] == [
        "The session cache 'process-a' is away (AwayError); sessions are read from the database",
        "The session cache 'process-a' is back",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_asynchronous_methods_keep_the_same_promises(store: Make, clock: Clock) -> None:
    async def visit() -> None:
        session = store(A)
        await session.aset("user", "ann")
        await session.asave()
        key = session.session_key or ""
        assert await store(B, key).aget("user") == "ann"
        assert await session.aexists(key)
        FaultyCache.away.update({A, B})
        assert await store(A, key).aget("user") == "ann"
        await store(A, key).aflush()
        assert await store(B, key).aget("user") is None
        recover(clock, A, B)
        assert await store(A, key).aget("user") is None
        assert await store(B, key).aget("user") is None
        assert not await session.aexists(key)

    asyncio.run(visit())
