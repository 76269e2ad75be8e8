"""Says what the threads of a gthread worker are doing when none of them comes free.

gunicorn's ``timeout`` watches the main thread alone. With every other thread stuck the worker goes
on accepting connections that nobody serves, and nothing is logged. It is not killed here either:
slow downloads look the same as threads that hang, and killing would cut them. Liveness, which
needs a thread too, is what replaces a worker that stays so.
"""

from __future__ import annotations

import logging
import sys
import threading
import time
import traceback
from typing import Any

from django_scaleready.arbiter.records import log_with_stack

logger = logging.getLogger("django_scaleready.web_worker")

NAME = "scaleready-stuck"


def watch(worker: Any) -> None:
    """Begin to, in a gthread worker whose ``timeout`` is not 0; nothing in any other."""
    if hasattr(worker, "tpool") and worker.cfg.timeout:
        threading.Thread(target=_watch, args=(worker,), name=NAME, daemon=True).start()


def _watch(worker: Any) -> None:
    patience = float(worker.cfg.timeout)
    pause = min(1.0, patience / 10)
    while worker.alive:
        # Runs as soon as a thread is free: queued behind the requests, like the next one.
        canary = worker.tpool.submit(int)
        begun, since, told = worker.nr, time.monotonic(), False
        while worker.alive and not canary.done():
            time.sleep(pause)
            if worker.nr != begun:  # a queue that moves is load
                begun, since = worker.nr, time.monotonic()
            elif not told and time.monotonic() - since >= patience:
                told = True
                _tell(worker.pid, patience)
        time.sleep(pause)


def _tell(pid: int, seconds: float) -> None:
    log_with_stack(
        logger,
        logging.ERROR,
        f"Worker (pid:{pid}) has had no free thread for {seconds:g} s and began no request",
        _threads(),
    )


def _threads() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    return "\n".join(
        f"Thread {names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame)).rstrip()}"
        for ident, frame in sys._current_frames().items()
        if names.get(ident) != NAME
    )
