"""Why a worker died, in one line of the log: hung, crashed, killed for memory.

gunicorn kills a hung worker in silence, and asks "Perhaps out of memory?" of each SIGKILL, its own
included. What the threads of a worker were doing is written by the interpreter's signal handler
into a file made before the fork, because a worker that hangs may run no Python at all: under asgi
the hook ``worker_abort`` is called by the very loop that is stuck, under uvicorn never. The master
reads the file and logs it.
"""

from __future__ import annotations

import faulthandler
import os
import signal
import tempfile
from contextlib import suppress
from logging import CRITICAL, ERROR
from types import FrameType
from typing import IO, Any

from django_scaleready.arbiter import oom
from django_scaleready.arbiter.records import log_with_stack

_TRACE_BYTES = 64 * 1024


class Deaths:
    """What the workers of one master died of; ``server`` is gunicorn's Arbiter."""

    def __init__(self) -> None:
        self._traces: dict[int, IO[bytes]] = {}
        self._signals: dict[int, int] = {}
        self._oom_kills = oom.kills()

    # -- In the master --

    def watch(self, server: Any) -> None:
        """Learn by which signal a worker ends; gunicorn's hook for it does not say."""
        if not hasattr(os, "waitid"):
            return
        master, theirs = os.getpid(), server.signal_chld

        def look(number: int, frame: FrameType | None) -> None:
            if os.getpid() == master:
                for pid in list(server.WORKERS):
                    self._look_at(pid)
            theirs(number, frame)

        signal.signal(signal.SIGCHLD, look)

    def _look_at(self, pid: int) -> None:
        # Looked at and not reaped, which is gunicorn's.
        with suppress(ChildProcessError):
            ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            if ended is not None and ended.si_code != os.CLD_EXITED:
                self._signals[pid] = ended.si_status

    def expect(self, server: Any, worker: Any) -> None:
        """Make the file for a worker's last words; before the fork."""
        folder = server.cfg.worker_tmp_dir
        self._traces[worker.age] = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - kept open

    def explain(self, server: Any, worker: Any) -> None:
        """Log why a worker ended, unless it was asked to."""
        number = self._signals.pop(worker.pid, 0)
        trace = ""
        if file := self._traces.pop(worker.age, None):
            with file:
                trace = os.pread(file.fileno(), _TRACE_BYTES, 0).decode(errors="replace")
        before, self._oom_kills = self._oom_kills, oom.kills()
        for_memory = (self._oom_kills or 0) > (before or 0)
        if worker.aborted:
            text = f"had not answered its master for {worker.cfg.timeout} s and was ended"
        elif getattr(worker, "scaleready_late", False) and (trace or number == signal.SIGKILL):
            text = f"had not ended within {server.cfg.graceful_timeout} s of the stop and was ended"
        elif number == signal.SIGKILL and for_memory:
            text = f"was killed by the kernel: out of memory{_limit()}"
        # A master that stops has closed its listeners, and kills who does not end in time.
        elif number == signal.SIGKILL and server.LISTENERS and before is not None:
            text = "was killed by SIGKILL from outside; its control group was not out of memory"
        elif trace and number:
            text = f"crashed with {signal.Signals(number).name}"
        elif trace:
            text = "was ended by SIGABRT from outside"
        else:
            return
        log_with_stack(
            server.log.error_log,
            CRITICAL if trace else ERROR,
            f"Worker (pid:{worker.pid}) {text}",
            trace,
        )

    # -- In a worker --

    def arm(self, worker: Any) -> None:
        """Have the interpreter write what all threads do when the worker crashes or is aborted.

        After gunicorn's ``init_signals``, which would undo it.
        """
        own = self._traces.pop(worker.age, None)
        if own is None:  # a configuration without our pre_fork
            return
        for of_another in self._traces.values():
            of_another.close()
        self._traces = {worker.age: own}
        faulthandler.enable(file=own, all_threads=True)


def _limit() -> str:
    size = oom.limit()
    return "" if size is None else f" (limit {size // 2**20} MiB)"
