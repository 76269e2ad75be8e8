"""The page of memory that the processes of a replica share, seen from real processes."""

from __future__ import annotations

import math
import multiprocessing
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from django_scaleready import replica_state
from django_scaleready.replica_state import (
    BROKEN,
    DRAINING,
    REFUSING,
    STARTED,
    NoReplicaError,
    ReplicaState,
)

linux = pytest.mark.skipif(sys.platform != "linux", reason="another process finds it by /proc")
SLEEPER = """
import sys, time
from django_scaleready.replica_state import replica
replica.share()
print("shared", flush=True)
sys.stdin.read()
print(replica.flags().hex(), replica.reason(2), flush=True)
"""


def in_a_child(change: object) -> None:
    """Run a function in a forked process and wait for it."""
    child = multiprocessing.get_context("fork").Process(target=change)
    child.start()
    child.join(10)
    assert child.exitcode == 0


def test_a_new_state_says_nothing() -> None:
    state = ReplicaState()
    assert state.flags() == bytes(4)
    assert (state.drained_for, state.declared_drain, state.declared_graceful) == (0.0, None, None)
    assert state.declared_timeout is None
    assert (state.reason(REFUSING), state.reason(BROKEN)) == ("", "")


@pytest.mark.parametrize("shared", [False, True])
def test_flags(shared: bool) -> None:
    state = ReplicaState()
    if shared:
        state.share()
    state.start()
    assert state.flags() == bytes([1, 0, 0, 0])
    state.drain()
    assert state.flags() == bytes([1, 1, 0, 0])
    state.refuse("full")
    state.accept()
    state.breaks("deadlock")
    assert state.flags() == bytes([1, 1, 0, 1])
    assert [state.flag(which) for which in (STARTED, DRAINING, REFUSING, BROKEN)] == [1, 1, 0, 1]


def test_what_was_known_before_is_shared_too() -> None:
    state = ReplicaState()
    state.start()
    state.refuse("warming up")
    state.declare(drain=3.5, graceful=20, timeout=40)
    state.share()
    assert state.flags() == bytes([1, 0, 1, 0])
    assert state.reason(REFUSING) == "warming up"
    assert (state.declared_drain, state.declared_graceful) == (3.5, 20.0)
    assert state.declared_timeout == 40


def test_a_forked_process_changes_it_for_all() -> None:
    state = ReplicaState()
    state.share()
    in_a_child(
        lambda: (
            state.drain(),
            state.breaks("deadlock"),
            state.declare(drain=1, graceful=2, timeout=3),
        )
    )
    assert state.flags() == bytes([0, 1, 0, 1])
    assert state.reason(BROKEN) == "deadlock"
    assert (state.declared_drain, state.declared_timeout) == (1, 3)
    assert 0 < state.drained_for < 10


def test_without_share_a_forked_process_has_its_own() -> None:
    state = ReplicaState()
    in_a_child(state.drain)
    assert state.flags() == bytes(4)


def test_sharing_twice_is_sharing_once() -> None:
    state = ReplicaState()
    state.share()
    state.drain()
    state.share()
    assert state.flag(DRAINING)


def test_the_drain_begins_once() -> None:
    state = ReplicaState()
    state.drain()
    before = state._read(replica_state._SINCE)
    state.drain()
    assert state._read(replica_state._SINCE) == before


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ("", ""),
        ("a\nb", "a\nb"),
        ("é" * 2000, "é" * 509),
        ("lone \ud800", "lone ?"),
    ],
)
def test_any_reason_can_be_given(given: str, read: str) -> None:
    state = ReplicaState()
    state.refuse(given)
    assert state.reason(REFUSING) == read
    state.refuse("short")
    assert state.reason(REFUSING) == "short"


def test_two_writers_never_make_a_third_reason() -> None:
    state = ReplicaState()
    state.share()
    reasons = {letter * 900 for letter in "ab"}
    done = threading.Event()

    def write(text: str) -> None:
        while not done.is_set():
            state.refuse(text)

    threads = [threading.Thread(target=write, args=(text,)) for text in reasons]
    for thread in threads:
        thread.start()
    try:
        seen = {state.reason(REFUSING) for _ in range(2000)}
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert seen <= {*reasons, ""}
    assert seen & reasons


def test_a_reason_half_written_is_not_shown() -> None:
    state = ReplicaState()
    state.breaks("abc")
    begin = replica_state._REASONS[BROKEN] + replica_state._REASON.size
    state._memory[begin : begin + 1] = b"x"
    assert state.reason(BROKEN) == ""


@linux
def test_another_process_finds_it() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", SLEEPER],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "shared\n"
        state = ReplicaState.attach(process.pid)
        state.drain()
        state.refuse("asked from outside")
        out, _ = process.communicate(timeout=10)
        assert out == "00010100 asked from outside\n"
    finally:
        process.kill()
        process.wait()


@linux
def test_who_shares_nothing_is_told_so() -> None:
    # Not the parent: in a container that may be the first process, which nobody may look into.
    with subprocess.Popen(["sleep", "60"]) as process:
        try:
            with pytest.raises(NoReplicaError, match=f"Process {process.pid} shares no state"):
                ReplicaState.attach(process.pid)
        finally:
            process.kill()
    with pytest.raises(ProcessLookupError, match="no process"):
        ReplicaState.attach(2**22 + 1)


@linux
def test_memory_of_another_release_is_not_touched() -> None:
    descriptor = os.memfd_create(replica_state.NAME)
    try:
        os.truncate(descriptor, replica_state.SIZE)
        with pytest.raises(NoReplicaError, match="another release"):
            ReplicaState._opened(Path(f"/proc/self/fd/{descriptor}"))
    finally:
        os.close(descriptor)


@linux
def test_a_program_that_is_started_does_not_get_it() -> None:
    state = ReplicaState()
    state.share()
    done = subprocess.run(
        ["ls", "-l", "/proc/self/fd"], close_fds=False, capture_output=True, text=True, check=True
    )
    assert "memfd" not in done.stdout


def test_where_no_memfd_can_be_made_the_children_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError

    monkeypatch.setattr(os, "memfd_create", refuse, raising=False)
    state = ReplicaState()
    state.share()
    in_a_child(state.drain)
    assert state.flag(DRAINING)
    assert math.isfinite(state.drained_for)
