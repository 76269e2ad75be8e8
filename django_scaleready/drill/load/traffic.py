"""Requests of somebody who uses the project, in the background while something else happens.

For what a plan cannot say: forms, uploads, answers that depend on the ones before. In threads of
the caller, so it is no measure of speed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self

import httpx

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.recording import OK, Recording, Sample


class Traffic:
    """Asks with each browser in a thread of its own, from the beginning of the context to its end.

    ``ask`` makes one request and returns what was wrong with the answer, "" if nothing; an error of
    the connection counts as a failure by its name. ``pause`` (seconds) lies between two requests.
    """

    def __init__(
        self, browsers: Sequence[Browser], ask: Callable[[Browser], str], *, pause: float = 0.02
    ) -> None:
        self._samples: list[Sample] = []
        self._clock = Clock()
        self._ask = ask
        self._pause = pause
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

    def now(self) -> float:
        """Seconds since the recording began."""
        return self._clock.now()

    def recording(self) -> Recording:
        """What came of the requests that have ended so far."""
        return Recording(list(self._samples))

    def _run(self, browser: Browser) -> None:
        while not self._ended.is_set():
            at = self._clock.now()
            try:
                outcome = self._ask(browser) or OK
            except httpx.TransportError as error:
                outcome = type(error).__name__
            self._samples.append(Sample(at, "browser", "", "", outcome, self._clock.now() - at))
            self._ended.wait(self._pause)
