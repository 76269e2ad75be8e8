"""How long one file may take."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

# Of processor time, so that a busy machine refuses no file. A thousand lines take about 10 ms; what
# needs this long was made to, or by a program.
SECONDS = 5.0


class TooLong(BaseException):
    """A file took longer than it may."""

    def __str__(self) -> str:
        """Return the reason."""
        return f"reading it took more than {SECONDS:g} s"


@contextmanager
def watched() -> Iterator[Callable[[float], None]]:
    """Yield what says how many seconds of processor time the code that follows may take.

    It raises TooLong there; 0 is for as long as it likes. One watch does for many files: to set a
    handler for each took as long as to read the small ones.

    It takes a signal to interrupt code that does not ask: Unix has one that counts the process's
    own time, and Python hands signals to the main thread. Elsewhere the bounds on a file's size and
    on the steps spent on it have to do.
    """
    if (
        not hasattr(signal, "setitimer")
        or threading.current_thread() is not threading.main_thread()
    ):
        yield lambda _: None
        return
    before = signal.signal(signal.SIGVTALRM, _stop)
    try:
        yield _set
    finally:
        _set(0.0)
        signal.signal(signal.SIGVTALRM, before)


def _set(seconds: float) -> None:
    # Again and again, for the first may come where an exception has nowhere to go.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, 1.0 if seconds else 0.0)


def _stop(*_: Any) -> None:
    raise TooLong
