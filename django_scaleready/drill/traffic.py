"""Requests in the background while something else happens."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import httpx

from django_scaleready.drill.browser import Browser


@dataclass
class Tally:
    """What came of the requests so far; ``slowest`` is in seconds, answered ones alone."""

    answered: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0


class Traffic:
    """Asks with each browser in a thread of its own, from the beginning of the context to its end.

    ``ask`` makes one request and returns what was wrong with the answer, "" if nothing; an error of
    the connection counts as a failure by its name. ``pause`` (seconds) lies between two requests.
    """

    def __init__(
        self, browsers: Sequence[Browser], ask: Callable[[Browser], str], *, pause: float = 0.02
    ) -> None:
        self.tally = Tally()
        self._ask = ask
        self._pause = pause
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._threads = [
            threading.Thread(target=self._run, args=(browser,), daemon=True) for browser in browsers
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self, browser: Browser) -> None:
        while not self._ended.is_set():
            start = time.monotonic()
            try:
                wrong = self._ask(browser)
            except httpx.TransportError as error:
                wrong = type(error).__name__
            self._count(wrong, time.monotonic() - start)
            self._ended.wait(self._pause)

    def _count(self, wrong: str, seconds: float) -> None:
        with self._lock:
            if wrong:
                self.tally.failed.append(wrong)
            else:
                self.tally.answered += 1
                self.tally.slowest = max(self.tally.slowest, seconds)
