"""Writes down which replica is starting, ready, draining or down, and when."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from django_scaleready.drill.balancers.base import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.recording import DOWN, DRAINING, READY, STARTING, StateChange
from django_scaleready.drill.replicas import Replica

_INTERVAL = 0.1


class Watch:
    """A thread that looks ten times a second; ``changes`` grows while it is open.

    Of two moments: what the balancer believes decides "ready" and "draining", since that is who
    gets requests; the process decides "down".
    """

    def __init__(self, clock: Clock, replicas: Sequence[Replica], balancer: Balancer) -> None:
        self.changes: list[StateChange] = []
        self._clock, self._replicas, self._balancer = clock, replicas, balancer
        self._states: dict[str, str] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._look()
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(_INTERVAL):
            self._look()

    def _look(self) -> None:
        try:
            up = self._balancer.up()
        except OSError:
            return  # It is being stopped, or busy; what was seen last holds.
        for replica in self._replicas:
            before = self._states.get(replica.name, DOWN)
            if (now := _state(replica, replica.name in up, before)) != self._states.get(
                replica.name
            ):
                self._states[replica.name] = now
                self.changes.append(StateChange(self._clock.now(), replica.name, now))


def _state(replica: Replica, has_requests: bool, before: str) -> str:
    if not replica.process.running:
        return DOWN
    if has_requests:
        # A balancer needs a moment to see that one is gone, or that another has come.
        return STARTING if before in (DOWN, STARTING) and not replica.accepts() else READY
    return STARTING if before in (DOWN, STARTING) else DRAINING
