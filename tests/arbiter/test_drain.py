"""What the stop of a master does with its timer; the drain itself is in the live tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from django_scaleready.arbiter import drain as module
from django_scaleready.arbiter.drain import QUICK, Drain
from django_scaleready.budget import Ladder
from django_scaleready.replica_state import ReplicaState


class Server:
    """As much of gunicorn's Arbiter as a stop needs; ``left`` is the timer's when it ends workers.

    It ends ``badly`` where that is an exception, and as ``gracefully`` as it was told.
    """

    def __init__(self, graceful: int, badly: BaseException | None = None) -> None:
        self.cfg: Any = SimpleNamespace(graceful_timeout=graceful)
        self.cfg.set = lambda name, value: setattr(self.cfg, name, value)
        self.badly = badly
        self.left = 0.0
        self.gracefully: bool | None = None

    def handle_term(self) -> None:
        raise StopIteration

    def signal(self, number: int, frame: object) -> None:
        """Put it into the queue."""

    def stop(self, graceful: bool = True) -> None:
        self.gracefully = graceful
        self.left = signal.getitimer(signal.ITIMER_REAL)[0]
        if self.badly:
            raise self.badly


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "replica", ReplicaState())
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGALRM)}
    # pytest's own, which a test may not outlast.
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)
    signal.setitimer(signal.ITIMER_REAL, *timer)


@pytest.mark.parametrize(("graceful", "seconds"), [(True, 23), (False, QUICK)])
def test_who_is_late_is_ended_before_gunicorn_kills(graceful: bool, seconds: float) -> None:
    server = Server(23)
    Drain(Ladder.of([])).install(server)
    server.stop(graceful)
    assert seconds - 1 < server.left < seconds
    assert (server.cfg.graceful_timeout, server.gracefully) == (seconds, graceful)


@pytest.mark.parametrize("badly", [None, StopIteration(), SystemExit()])
def test_a_master_that_exits_is_not_killed_by_its_timer(badly: BaseException | None) -> None:
    server = Server(23, badly)
    Drain(Ladder.of([])).install(server)
    try:
        server.stop()
    except (StopIteration, SystemExit) as error:
        assert error is badly  # noqa: PT017 - any of them, and none
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
