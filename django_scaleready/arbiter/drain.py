"""SIGTERM in gunicorn's master: readiness fails at once, everything is served, then it stops.

The master keeps all its duties meanwhile: a worker that dies, is recycled or reloaded during the
drain is replaced. A master that is already stopping would replace none (measured: every request
after the death of the last worker was lost).
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any, Final

from django_scaleready.budget import Ladder
from django_scaleready.replica_state import replica

# Seconds, gunicorn's own for SIGQUIT during a stop. Without it a request holds the end of a gthread
# and an asgi worker for all of graceful_timeout, and uvicorn's worker does not hear SIGQUIT at all.
QUICK: Final = 2
# Seconds before gunicorn's SIGKILL, which leaves no trace of what a worker was doing. Half of them
# for SIGABRT, which does and which some outlive; half for gunicorn, to see that they have ended.
_BEFORE_KILL: Final = 0.5


class Drain:
    """The drain of one master; ``ladder`` is the environment's.

    Figures that a worker found in the project's settings win over the ladder's.
    """

    _server: Any
    _halt: Callable[[], None]
    _end_workers: Callable[[bool], None]

    def __init__(self, ladder: Ladder) -> None:
        self._ladder = ladder
        self._pid = 0
        self._terms = 0
        self._asked_at = 0.0

    def install(self, server: Any) -> None:
        """Take over SIGTERM of gunicorn's Arbiter; after its own ``init_signals``."""
        self._server, self._pid = server, os.getpid()
        self._halt, self._end_workers = server.handle_term, server.stop
        # The flag and the timer are set in the handler, because the main loop may be busy with a
        # reload for all of graceful_timeout. What logs is done by that loop: gunicorn calls these
        # for the signals in its queue.
        server.handle_term = self._on_term
        server.handle_alrm = self._on_alarm
        # For SIGTERM, SIGINT, SIGQUIT and whatever else ends the master.
        server.stop = self._stop
        signal.signal(signal.SIGTERM, self._take_term)
        signal.signal(signal.SIGALRM, self._take_alarm)

    @property
    def seconds(self) -> float:
        """How long the replica drains."""
        declared = replica.declared_drain
        return self._ladder.drain if declared is None else declared

    @property
    def left(self) -> float:
        """Seconds until the drain is over. One that a preStop hook began counts from then."""
        return max(0.0, self.seconds - replica.drained_for)

    @property
    def _replaced(self) -> bool:
        # After SIGUSR2 another master serves the same sockets: unready probes would take both out.
        return bool(self._server.reexec_pid or self._server.master_pid)

    def _take_term(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            # A worker just forked, before it has handlers of its own: it has nothing to finish.
            raise SystemExit(0)
        self._terms += 1
        if self._terms == 1 and not self._replaced:
            self._asked_at = time.monotonic()
            replica.drain()
            if self.left:
                signal.setitimer(signal.ITIMER_REAL, self.left)
        self._server.signal(number, frame)

    def _take_alarm(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._pid:
            return
        if replica.stopping:  # and its main loop has ended
            self._end_the_late()
        else:
            self._server.signal(number, frame)

    def _on_term(self) -> None:
        if self._terms <= 1 and not self._replaced and self.left:
            self._server.log.info(
                "Draining for %.1f s: readiness answers 503, everything else is served", self.left
            )
            return
        self._finish()

    def _on_alarm(self) -> None:
        if self._terms:  # else somebody else sent it
            self._finish()

    def _finish(self) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        cfg = self._server.cfg
        graceful = replica.declared_graceful
        # Another value than the environment's comes from the command line, which wins.
        if graceful is not None and cfg.graceful_timeout == self._ladder.graceful_timeout:
            cfg.set("graceful_timeout", int(graceful))
        if self._replaced:
            how = "Not drained, because another master serves the same sockets"
        elif self.left:
            how = f"Drained for {replica.drained_for:.1f} s, cut short by a second SIGTERM"
        else:
            how = f"Drained for {replica.drained_for:.1f} s"
        self._server.log.info(
            "%s; stopping, up to %d s for requests in flight", how, cfg.graceful_timeout
        )
        self._halt()

    def _stop(self, graceful: bool = True) -> None:
        cfg = self._server.cfg
        if not graceful:
            cfg.set("graceful_timeout", min(QUICK, cfg.graceful_timeout))
        replica.stop()
        seconds = float(cfg.graceful_timeout)
        signal.setitimer(signal.ITIMER_REAL, max(seconds - _BEFORE_KILL, seconds / 2))
        try:
            self._end_workers(graceful)
        finally:
            # The interpreter takes the handler away before it ends.
            signal.setitimer(signal.ITIMER_REAL, 0)

    def _end_the_late(self) -> None:
        """Have the workers that are left write what they are doing, and then end them."""
        for pid, worker in list(self._server.WORKERS.items()):
            asked = getattr(worker, "scaleready_late", False)
            worker.scaleready_late = True
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL if asked else signal.SIGABRT)
            if not asked:
                signal.setitimer(signal.ITIMER_REAL, _BEFORE_KILL / 2)

    def tell_end(self) -> None:
        """Log how long the stop took, if SIGTERM asked for it."""
        if self._asked_at:
            took = time.monotonic() - self._asked_at
            self._server.log.info("Stopped %.1f s after SIGTERM", took)
