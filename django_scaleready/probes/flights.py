"""One run of a group's checks, and how whoever asked for it waits without holding anything up."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeVar

from django_scaleready.probes.lanes import Lane
from django_scaleready.probes.members import Member
from django_scaleready.probes.results import Outcome, Result

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Flight:
    """Begun, and landed once it has an outcome. Whoever changes it holds the prober's lock.

    ``began`` and ``overdue`` in seconds on the monotonic clock; ``current`` is what runs now in the
    lane, and since when.
    """

    began: float
    overdue: float
    lane: Lane | None = None
    results: dict[str, Result] = field(default_factory=dict)
    current: tuple[Member, float] | None = None
    outcome: Outcome | None = None
    landed: threading.Event = field(default_factory=threading.Event)
    callbacks: list[Callable[[], None]] = field(default_factory=list)

    def land(self, outcome: Outcome) -> None:
        """Tell everybody who waits."""
        self.outcome = outcome
        self.landed.set()
        for callback in self.callbacks:
            callback()


@dataclass(frozen=True, slots=True)
class Wait:
    """What a question in progress waits for: a flight, at most until a moment."""

    flight: Flight
    until: float

    @property
    def seconds(self) -> float:
        """How much is left, never negative."""
        return max(0.0, self.until - time.monotonic())

    def block(self) -> None:
        """Wait in this thread."""
        self.flight.landed.wait(self.seconds)

    async def pause(self) -> None:
        """Wait in this task: the loop goes on, and no thread is held."""
        loop = asyncio.get_running_loop()
        landed = loop.create_future()

        def resolve() -> None:
            if not landed.done():
                landed.set_result(None)

        def wake() -> None:
            # A loop that is closed has nobody left to tell.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(resolve)

        self.flight.callbacks.append(wake)
        if self.flight.outcome is not None:  # landed before it could know of the callback
            return
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(landed, self.seconds)


# A question that may have to wait. Written once, driven by ``now`` or ``soon``.
Asking = Generator[Wait, None, T]


def now(asking: Asking[T]) -> T:
    """Answer a question, waiting in this thread."""
    try:
        while True:
            next(asking).block()
    except StopIteration as answered:
        result: T = answered.value
        return result


async def soon(asking: Asking[T]) -> T:
    """Answer a question, waiting in this task."""
    try:
        while True:
            await next(asking).pause()
    except StopIteration as answered:
        result: T = answered.value
        return result
    finally:
        # A client that left cancels the task; what the question holds is given back at once.
        asking.close()
