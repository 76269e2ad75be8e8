"""SIGINT, SIGTERM and SIGHUP end a drill by an exception, but never between two lines that belong
together."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

HANDLED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

Handler = Callable[[int, FrameType | None], Any] | int | signal.Handlers | None


class _State:
    depth = 0
    pending: int | None = None


def _raise(number: int) -> None:
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    raise SystemExit(128 + number)


def _handle(number: int, _frame: FrameType | None) -> None:
    if _State.depth:
        _State.pending = number
    else:
        _raise(number)


@contextlib.contextmanager
def shielded() -> Iterator[None]:
    """Put a signal off until the block has ended.

    A process that was started and not yet written down would outlive the drill, and a second Ctrl-C
    would end the clean-up half-way.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # Signals are handled in the main thread alone.
        return
    _State.depth += 1
    try:
        yield
    finally:
        _State.depth -= 1
        if not _State.depth and _State.pending is not None:
            number, _State.pending = _State.pending, None
            _raise(number)


@contextlib.contextmanager
def as_exceptions() -> Iterator[None]:
    """Turn the signals into KeyboardInterrupt and SystemExit(128 + number) inside the block.

    A signal that is ignored stays ignored, as under nohup.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[signal.Signals, Handler] = {}
    for number in HANDLED:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
