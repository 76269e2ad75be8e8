"""Why a worker of uWSGI died, in one line of the log: hung, crashed, killed for memory."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Mapping
from contextlib import suppress

import uwsgi

from django_scaleready.arbiter import oom
from django_scaleready.arbiter.records import log_with_stack
from django_scaleready.uwsgi.in_master import TRACES

logger = logging.getLogger("django_scaleready.uwsgi")

# Seconds that a worker gets to write down what its threads do.
LAST_WORDS = 0.5


def running() -> dict[int, int]:
    """The pids of the workers that run, by number."""
    pids = {worker["id"]: worker["pid"] for worker in uwsgi.workers()}
    # uWSGI 2.0.30 stops without taking them from its list.
    return {worker: pid for worker, pid in pids.items() if pid and _exists(pid)}


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ask_to_end(workers: Mapping[int, int]) -> None:
    """Have workers end when they have answered; those that were asked before do so anyway."""
    for pid in workers.values():
        _send(pid, signal.SIGHUP)


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


class Deaths:
    """Watched by the keeper: the master, whose children they are, logs no more than the signal."""

    def __init__(self) -> None:
        self._running = running()
        self._last = dict(self._running)
        self._oom_kills = oom.kills() or 0

    def tell(self) -> None:
        """Log what has happened since the last call."""
        for worker, trace in TRACES.collect().items():
            who = f"Worker {worker} (pid:{self._last[worker]})"
            text = f"{who} was ended or crashed; its threads were at"
            log_with_stack(logger, logging.CRITICAL, text, trace)
        before, self._running = self._running, running()
        self._last |= self._running
        kills = oom.kills() or 0
        if kills > self._oom_kills:
            self._oom_kills = kills
            self._tell_memory({w: pid for w, pid in before.items() if self._running.get(w) != pid})

    def _tell_memory(self, gone: Mapping[int, int]) -> None:
        size = oom.limit()
        limit = "" if size is None else f" (limit {size // 2**20} MiB)"
        who = " or ".join(f"worker {worker} (pid:{pid})" for worker, pid in gone.items())
        logger.error(
            "%s was killed by the kernel: out of memory%s", who or "A process of the group", limit
        )

    def end(self, late: Mapping[int, int], seconds: float) -> None:
        """Kill workers that have not ended within ``seconds``, with the trace of what they do."""
        if not late:
            return
        for number in (signal.SIGABRT, signal.SIGKILL):
            for pid in late.values():
                _send(pid, number)
            time.sleep(LAST_WORDS)
            self.tell()
        for worker, pid in late.items():
            logger.error("Worker %d (pid:%d) had not ended in %d s", worker, pid, seconds)
