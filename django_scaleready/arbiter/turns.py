"""Recycling takes turns: one worker at a time ends and is replaced, and none while draining.

Workers that started together reach ``max_requests`` together, jitter or not, if a replacement
takes seconds to load. With all of them away nobody accepts; and if that meets the end of a drain,
what waits in the backlog is reset.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from django_scaleready.replica_state import DRAINING, replica

# Seconds that a claim has to stand before it counts: two workers that both found the turn free have
# both written by then, and one of them reads the other's number.
STANDS = 0.5
# Seconds after which a claim is nobody's: a worker whose requests have stopped does not leave.
LAPSES = 120.0


def take_over(worker: Any) -> None:
    """Decide when a gunicorn worker is recycled, and give back the turn of the one before it.

    For a worker that is ready to serve. Where a configuration has a ``pre_request`` of its own,
    gunicorn recycles it by itself, at twice its number.
    """
    holder, _ = replica.leaving
    if holder and not _alive(holder):
        replica.leave(0)
    worker.scaleready_requests = worker.max_requests  # with its jitter
    if worker.max_requests < sys.maxsize:
        worker.max_requests *= 2


def leave_if_due(worker: Any) -> None:
    """Have gunicorn recycle a worker after this request, if it has served its number.

    A worker that was never taken over, because a configuration has a ``post_worker_init`` of its
    own, is left to gunicorn.
    """
    if worker.nr >= getattr(worker, "scaleready_requests", sys.maxsize):
        worker.max_requests = 0 if may_leave() else sys.maxsize


def may_leave() -> bool:
    """Whether this worker may end now. Asked before each request, once it has served its number.

    The first to ask claims the turn; its successor gives it back.
    """
    if replica.flag(DRAINING) or replica.stopping:
        return False
    holder, since = replica.leaving
    stood = time.monotonic() - since
    if holder == os.getpid():
        return stood >= STANDS
    if not holder or stood > LAPSES:
        replica.leave(os.getpid())
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
