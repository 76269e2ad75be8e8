"""Whose turn it is to be recycled, among processes that share a state."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from django_scaleready.arbiter import turns
from django_scaleready.replica_state import ReplicaState


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> ReplicaState:
    state = ReplicaState()
    monkeypatch.setattr(turns, "replica", state)
    return state


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What the monotonic clock says: ``now``."""
    clock = SimpleNamespace(now=1000.0)
    monkeypatch.setattr(time, "monotonic", lambda: clock.now)
    return clock


def leaves(worker: SimpleNamespace) -> bool:
    turns.leave_if_due(worker)
    return bool(worker.max_requests == 0)


def due(requests: int = 100) -> SimpleNamespace:
    worker = SimpleNamespace(nr=0, max_requests=requests)
    turns.take_over(worker)
    worker.nr = requests
    return worker


def gone() -> int:
    """The number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_claim_has_to_stand_before_it_counts(state: ReplicaState, clock: SimpleNamespace) -> None:
    worker = due()
    assert not leaves(worker)
    clock.now += turns.STANDS / 2
    assert not leaves(worker)
    clock.now += turns.STANDS
    assert leaves(worker)


def test_who_writes_last_has_the_turn(state: ReplicaState, clock: SimpleNamespace) -> None:
    worker = due()
    assert not leaves(worker)
    state.leave(os.getppid())
    clock.now += turns.STANDS * 2
    assert not leaves(worker)
    assert state.leaving[0] == os.getppid()


def test_a_claim_nobody_uses_lapses(state: ReplicaState, clock: SimpleNamespace) -> None:
    state.leave(os.getppid())
    worker = due()
    clock.now += turns.LAPSES + 1
    assert not leaves(worker)
    clock.now += turns.STANDS
    assert leaves(worker)


def test_before_its_number_nobody_claims(state: ReplicaState, clock: SimpleNamespace) -> None:
    worker = due()
    worker.nr = 99
    assert not leaves(worker)
    assert state.leaving[0] == 0


def test_no_number_means_never(state: ReplicaState, clock: SimpleNamespace) -> None:
    worker = SimpleNamespace(nr=0, max_requests=sys.maxsize)
    turns.take_over(worker)
    worker.nr = 10**9
    assert not leaves(worker)
    assert worker.max_requests == sys.maxsize


@pytest.mark.parametrize("ends", ["drain", "stop"])
def test_none_leaves_while_the_replica_ends(
    state: ReplicaState, clock: SimpleNamespace, ends: str
) -> None:
    worker = due()
    assert not leaves(worker)
    clock.now += turns.STANDS
    getattr(state, ends)()
    assert not leaves(worker)


def test_the_successor_gives_the_turn_back(state: ReplicaState) -> None:
    state.leave(gone())
    due()
    assert state.leaving[0] == 0


def test_another_new_worker_does_not(state: ReplicaState) -> None:
    state.leave(os.getppid())
    due()
    assert state.leaving[0] == os.getppid()


def test_a_worker_that_was_not_taken_over_is_gunicorn_s(state: ReplicaState) -> None:
    worker = SimpleNamespace(nr=100, max_requests=100)
    turns.leave_if_due(worker)
    assert worker.max_requests == 100
    assert state.leaving[0] == 0
