"""Writes down which replica is starting, ready, draining or down, and when."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from django_scaleready.drill.balancers.base import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.processes import EndedError
from django_scaleready.drill.recording import DOWN, DRAINING, READY, STARTING, StateChange
from django_scaleready.drill.replicas import Replica

_INTERVAL = 0.1


class Watch:
    """A thread that looks ten times a second; ``changes`` grows while it is open.

    The balancer decides between "ready" and "draining", since that is who gets requests; the
    process decides "down", and another pid is another start, however quick.
    """

    def __init__(self, clock: Clock, replicas: Sequence[Replica], balancer: Balancer) -> None:
        self.changes: list[StateChange] = []
        self._clock, self._replicas, self._balancer = clock, replicas, balancer
        self._states: dict[str, str] = {}
        self._pids: dict[str, int] = {}
        self._up: frozenset[str] = frozenset()
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
        # Being stopped, or busy, it does not answer; what it believed last holds.
        with contextlib.suppress(OSError):
            self._up = self._balancer.up()
        for replica in self._replicas:
            try:
                pid = replica.process.pid
            except EndedError:
                self._note(replica, DOWN)
                continue
            if self._pids.setdefault(replica.name, pid) != pid:
                self._pids[replica.name] = pid
                self._note(replica, DOWN)
                self._note(replica, STARTING)
            self._note(replica, self._state(replica, replica.name in self._up))

    def _state(self, replica: Replica, has_requests: bool) -> str:
        if not replica.process.running:
            return DOWN
        starts = self._states.get(replica.name, READY) in (DOWN, STARTING)
        if has_requests:
            # A balancer believes in one that is gone until it has asked again.
            return STARTING if starts and not replica.accepts() else READY
        return STARTING if starts else DRAINING

    def _note(self, replica: Replica, state: str) -> None:
        if self._states.get(replica.name) != state:
            self._states[replica.name] = state
            self.changes.append(StateChange(self._clock.now(), replica.name, state))
