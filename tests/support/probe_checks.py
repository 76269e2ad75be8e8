"""Checks for groups to list by dotted path: some pass, some fail, one does what it is told."""

from __future__ import annotations

import threading
import time


def well() -> None:
    """Nothing to say."""


def fail() -> None:
    raise ConnectionRefusedError("db.internal:5432 refused")


def slow() -> None:
    time.sleep(0.3)


class Gate:
    """A check that hangs while it is shut, counts how often it was asked, and fails on demand."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.open.set()
        self.asked = 0
        self.running = 0
        self.error: BaseException | None = None
        self._lock = threading.Lock()

    def __call__(self) -> None:
        with self._lock:
            self.asked += 1
            self.running += 1
        try:
            assert self.open.wait(30)
            if self.error is not None:
                raise self.error
        finally:
            with self._lock:
                self.running -= 1
