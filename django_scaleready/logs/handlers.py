"""A handler for an output that nobody may be reading."""

from __future__ import annotations

import contextlib
import logging
import os
import select
import stat
import time

POLL_SECONDS = 0.05
BACKOFF_SECONDS = 0.25
# POSIX PIPE_BUF on Linux: a pipe that polls writable takes this much without blocking.
CHUNK_BYTES = 4096
WHOLE = 1 << 30
DESCRIPTORS = {"stdout": 1, "stderr": 2}


class OutputHandler(logging.Handler):
    """Writes to descriptor 1 (``stdout``) or 2 (``stderr``), never waiting longer than 50 ms.

    A plain StreamHandler blocks once the pipe is full: with a log shipper that hung, gthread
    workers stalled after 223 requests (measured, gunicorn 27). Here the record is dropped and
    counted, and the count is logged when the reader is back. While the reader is away further
    records are tried without waiting for 0.25 s at a time.

    A record goes out in one write where the pipe takes it, so lines of several workers do not mix;
    one that was cut short is ended before the next begins.
    """

    def __init__(self, level: int | str = logging.NOTSET, stream: str = "stdout") -> None:
        super().__init__(level)
        self._descriptor = DESCRIPTORS[stream]
        self._dropped = 0
        self._torn = False
        self._wait_again_at = 0.0
        self._own: int | None = None
        self._own_pipe: tuple[int, int] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Write the record, or count it as dropped."""
        try:
            if self._dropped:
                self._report()
            if not self._write(record):
                self._dropped += 1
        except Exception:  # noqa: BLE001 - a formatter's fault must not become the request's
            self.handleError(record)

    def close(self) -> None:
        """Say how many records were lost, and give back the private descriptor."""
        self.acquire()
        try:
            if self._dropped:
                self._report()
            self._release()
        finally:
            self.release()
        super().close()

    def _report(self) -> None:
        count = self._dropped
        lost = logging.LogRecord(
            __name__,
            logging.WARNING,
            __file__,
            0,
            "%d log records were dropped because nobody read them",
            (count,),
            None,
        )
        lost.dropped = count
        if self._write(lost):
            self._dropped = 0

    def _write(self, record: logging.LogRecord) -> bool:
        """Return whether the whole line went out."""
        line = f"{self.format(record)}\n".encode(errors="backslashreplace")
        data = memoryview(b"\n" + line if self._torn else line)
        patience = POLL_SECONDS if time.monotonic() >= self._wait_again_at else 0.0
        try:
            descriptor, size = self._target()
            rest = _push(descriptor, data, size, patience)
        except OSError:  # nobody holds the other end any more, or stdout is closed
            return False
        self._torn = bool(rest) and (self._torn or len(rest) < len(data))
        self._wait_again_at = time.monotonic() + BACKOFF_SECONDS if rest else 0.0
        return not rest

    def _target(self) -> tuple[int, int]:
        """Return where to write, and how many bytes at a time cannot block there.

        A pipe is opened a second time: O_NONBLOCK on the descriptor that all processes share would
        change it for all of them, and without it a worker that saw room in the pipe blocks if
        another fills it first. Where that is refused (no /proc, or the pipe is another user's),
        small writes after a poll are the best there is.
        """
        status = os.fstat(self._descriptor)
        if stat.S_ISREG(status.st_mode):
            return self._descriptor, WHOLE
        if not stat.S_ISFIFO(status.st_mode):
            return self._descriptor, CHUNK_BYTES
        # Looked at each time: a daemon or a test may have put something else in its place.
        pipe = (status.st_dev, status.st_ino)
        if pipe != self._own_pipe:
            self._release()
            self._own_pipe = pipe
            with contextlib.suppress(OSError):
                self._own = os.open(
                    f"/proc/self/fd/{self._descriptor}", os.O_WRONLY | os.O_NONBLOCK
                )
        return (self._descriptor, CHUNK_BYTES) if self._own is None else (self._own, WHOLE)

    def _release(self) -> None:
        if self._own is not None:
            os.close(self._own)
        self._own = self._own_pipe = None


def _push(descriptor: int, data: memoryview, size: int, patience: float) -> memoryview:
    """Write as long as there is progress within ``patience`` seconds; return what is left."""
    poll = select.poll()
    poll.register(descriptor, select.POLLOUT)
    deadline = time.monotonic() + patience
    while data:
        left = max(0.0, deadline - time.monotonic())
        if not poll.poll(left * 1000):
            break
        try:
            data = data[os.write(descriptor, data[:size]) :]
            deadline = time.monotonic() + patience
        except BlockingIOError:  # another process took the room first
            if not left:
                break
    return data
