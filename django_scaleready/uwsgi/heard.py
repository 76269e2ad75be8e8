"""Signals of a master that runs no Python, heard by another process.

``PyErr_SetInterruptEx`` (documented as safe in a signal handler, without the GIL) is the handler
that uWSGI's hook installs. It writes the signal's number to Python's wake-up descriptor, here a
socket that the keeper reads.
"""

from __future__ import annotations

import select
import signal
import socket
from collections.abc import Iterable
from types import FrameType

_MOST = 4096


class Heard:
    """What the master was sent and nobody has forgotten: a keeper that follows another knows it."""

    def __init__(self) -> None:
        self._inbox, self._outbox = socket.socketpair()
        self._inbox.setblocking(False)
        self._outbox.setblocking(False)
        self._listening = False

    def listen(self, numbers: Iterable[int]) -> None:
        """In the master, before the fork."""
        for number in numbers:
            # The interpreter writes nothing for a signal that Python does not handle. uWSGI sets
            # handlers of its own later; this one is never called.
            signal.signal(number, _ignore)
        signal.set_wakeup_fd(self._outbox.fileno(), warn_on_full_buffer=False)
        self._listening = True

    def leave_to_the_master(self) -> None:
        """In what was forked: its own signals are not the master's."""
        if self._listening:
            signal.set_wakeup_fd(-1)
            self._listening = False

    def wait(self, seconds: float) -> bytes:
        """Return the numbers of the signals, as soon as there is one or after ``seconds``."""
        select.select([self._inbox], [], [], seconds)
        return self.signals()

    def signals(self) -> bytes:
        """Return the numbers of the signals, in their order; they stay."""
        try:
            return self._inbox.recv(_MOST, socket.MSG_PEEK)
        except BlockingIOError:
            return b""

    def forget(self, count: int) -> None:
        """Take the first ``count`` out: some hundreds would fill the socket for the next."""
        self._inbox.recv(count)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    pass
