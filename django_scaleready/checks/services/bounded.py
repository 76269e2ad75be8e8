"""Questions that may never be answered."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt

T = TypeVar("T")

# Seconds for all that is asked, however many services there are: they are asked at once.
SECONDS = 10.0


def answers(
    questions: Iterable[tuple[str, Callable[[], T]]], seconds: float = SECONDS
) -> list[T | Unknown]:
    """Return the answers in order; Unknown, by the name before it, where there was none in time.

    The thread of a question that hangs is left behind; as a daemon it does not hold the exit.
    """
    given: list[tuple[str, threading.Thread, list[T | Unknown]]] = []
    for subject, ask in questions:
        answer: list[T | Unknown] = []
        thread = threading.Thread(target=_answer, args=(subject, ask, answer), daemon=True)
        thread.start()
        given.append((subject, thread, answer))
    ends = time.monotonic() + seconds
    for _, thread, _ in given:
        thread.join(max(ends - time.monotonic(), 0))
    late = f"no answer within {seconds:g} s"
    return [answer[0] if answer else Unknown(subject, late) for subject, _, answer in given]


def _answer(subject: str, ask: Callable[[], T], answer: list[T | Unknown]) -> None:
    answer.append(attempt(subject, ask))
