"""Wait for a condition, never for luck."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds between two looks: a few per mille of what is waited for, without busying a core.
PAUSE = 0.02


class DrillError(Exception):
    """The drill itself cannot go on; the text says what to do about it."""


class NotInTimeError(DrillError):
    """A condition did not hold before its deadline."""


def until(condition: Callable[[], T], seconds: float, what: str, *, pause: float = PAUSE) -> T:
    """Return the first true result of ``condition``, asked again and again.

    It is asked at least once, and once more at the deadline. Raises NotInTimeError, naming
    ``what``, after ``seconds``; exceptions of the condition itself pass through.
    """
    deadline = time.monotonic() + seconds
    while True:
        late = time.monotonic() >= deadline
        if result := condition():
            return result
        if late:
            raise NotInTimeError(f"{what}: not within {seconds:g} s")
        time.sleep(pause)
