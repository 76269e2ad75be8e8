"""What the replica may be asked to do: ``lifecycle.state()``, and who changes it.

The state belongs to the replica: under this package's web server configurations all workers share
it, elsewhere (runserver, tests, a server of your own) it is private to the process.

==========  ========  =========  =============================================================
state       liveness  readiness  entered by
==========  ========  =========  =============================================================
STARTING    200       the gate   the start; left when the startup gate has passed once
SERVING     200       its checks ``started``, ``accept_traffic``
REFUSING    200       503        ``refuse_traffic``; left by ``accept_traffic``
DRAINING    200       503        ``drain``, SIGTERM, ``manage.py scaleready drain``; for good
BROKEN      503       503        ``mark_broken``; for good
==========  ========  =========  =============================================================

Where several apply, the lower row of the table holds. Requests are served in every state.
"""

from __future__ import annotations

import enum
import itertools
import logging
import threading

from django.dispatch import Signal

from django_scaleready.replica_state import BROKEN, DRAINING, REFUSING, STARTED, replica

logger = logging.getLogger("django_scaleready.lifecycle")


class State(enum.StrEnum):
    """What a replica is doing; the value is what a person reads."""

    STARTING = "starting"
    SERVING = "serving"
    REFUSING = "refusing"
    DRAINING = "draining"
    BROKEN = "broken"


# Sent with ``old`` and ``new`` (State) and ``reason`` (str), once for each change, in every process
# that notices it: one that answers a probe, calls ``state`` or made the change itself. The sender
# is State. An exception of a receiver is logged and goes no further.
changed = Signal()

_LATER_WINS = ((REFUSING, State.REFUSING), (DRAINING, State.DRAINING), (BROKEN, State.BROKEN))


def _of(flags: bytes) -> State:
    state = State.SERVING if flags[STARTED] else State.STARTING
    for flag, other in _LATER_WINS:
        if flags[flag]:
            state = other
    return state


# Every combination, because each request may ask.
_STATES = {bytes(flags): _of(bytes(flags)) for flags in itertools.product((0, 1), repeat=4)}


class _Noticed:
    """The last state that this process has seen."""

    def __init__(self) -> None:
        self.state = State.STARTING
        self.lock = threading.Lock()

    def swap(self, new: State) -> State:
        # Held for two assignments: receivers run after it, so that none can deadlock.
        with self.lock:
            old, self.state = self.state, new
        return old


_noticed = _Noticed()


def state() -> State:
    """The replica's state, read from memory: no system call, no lock."""
    now = _STATES[replica.flags()]
    if now is not _noticed.state and (old := _noticed.swap(now)) is not now:
        changed.send_robust(sender=State, old=old, new=now, reason=_reason(now))
    return now


def reason() -> str:
    """Why the replica is in its state, for the log and for whoever holds the token; "" if SERVING.

    The text given to ``refuse_traffic`` and ``mark_broken``, up to about a thousand bytes of it.
    """
    return _reason(state())


def _reason(now: State) -> str:
    match now:
        case State.BROKEN:
            return replica.reason(BROKEN)
        case State.REFUSING:
            return replica.reason(REFUSING)
        case State.DRAINING:
            return f"draining for {replica.drained_for:.1f} s"
        case State.STARTING:
            return "the startup gate has not passed"
        case State.SERVING:
            return ""


def started() -> None:
    """The startup gate has passed once. Never taken back: what fails later fails readiness."""
    replica.start()
    state()


def drain() -> None:
    """Ask the balancer, for good, to send no more requests. Nothing is stopped by this.

    Under gunicorn SIGTERM does it, waits, and stops; ``manage.py scaleready drain`` waits, too.
    """
    replica.drain()
    state()


def refuse_traffic(reason: str) -> None:
    """Leave the balancer until ``accept_traffic``: a cache that has to warm up, a full disk.

    Replaces the reason of an earlier call.
    """
    replica.refuse(reason)
    logger.warning("refusing traffic: %s", reason)
    state()


def accept_traffic() -> None:
    """Take ``refuse_traffic`` back, whoever called it."""
    if replica.flag(REFUSING):
        replica.accept()
        logger.info("accepting traffic again")
    state()


def mark_broken(reason: str) -> None:
    """Fail liveness for good, so that the orchestrator replaces the replica.

    For what no retry mends and a restart does: a deadlock that was found, a corrupt local index.
    Never for a dependency that is away, which would restart every replica at once.
    """
    replica.breaks(reason)
    logger.error("broken: %s", reason)
    state()
