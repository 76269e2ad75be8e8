"""stdout that nobody reads."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

from django_scaleready.drill.faults.base import Fault
from django_scaleready.drill.promises import Promise
from django_scaleready.drill.replicas import Replica

_PIECE = 65_536


class StdoutBlocked(Fault):
    """The pipe that takes one replica's log is full, as when the node's log agent hangs."""

    name = "stdout-blocked"
    title = "stdout blocked"
    promise = Promise(
        "No request fails or waits: lines may be lost, answers not.",
        "A log line is worth less than the request that it is about. A write to a full pipe blocks"
        " the thread that logs, and in the end every thread.",
        p99=1.0,
    )

    def __init__(
        self, replica: Replica, restart: Callable[[Replica], object], pipe: Path, *, hold: float
    ) -> None:
        self._replica = replica
        self._restart = restart
        self._pipe = pipe
        self._drain = _Drain(pipe)
        self.hold = hold

    def prepare(self) -> None:
        """Have the replica write into a pipe that is read."""
        os.mkfifo(self._pipe)
        self._drain.open()
        self._drain.start()
        self._replica.process.stdout = self._pipe
        self._restart(self._replica)

    def inject(self) -> None:
        """Read no more, and fill it: the replica would take a while to do it by itself."""
        self._drain.stop()
        _fill(self._pipe)

    def end(self) -> None:
        """Read on."""
        self._drain.start()

    def restore(self) -> None:
        """Have it write into its log again."""
        self._replica.process.stdout = None
        self._restart(self._replica)
        self._drain.stop()
        self._drain.close()


class _Drain:
    """Reads a pipe in a thread and forgets what it has read."""

    def __init__(self, pipe: Path) -> None:
        self._pipe = pipe
        self._reading = -1
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        # Not blocking: nobody writes yet.
        self._reading = os.open(self._pipe, os.O_RDONLY | os.O_NONBLOCK)

    def start(self) -> None:
        self._ended.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def close(self) -> None:
        os.close(self._reading)

    def _run(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(BlockingIOError):
                if os.read(self._reading, _PIECE):
                    continue
            self._ended.wait(0.05)


def _fill(pipe: Path) -> None:
    writing = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        # Pieces of a line's size last, or a short line would still find room.
        for size in (_PIECE, 1):
            with contextlib.suppress(BlockingIOError):
                while os.write(writing, b"\n" * size):
                    pass
    os.close(writing)
