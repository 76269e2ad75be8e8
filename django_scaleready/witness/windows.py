"""What is going on: the request, task or test that a thread or coroutine belongs to."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Hashable
from contextvars import ContextVar
from typing import Any, Literal

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Moment
from django_scaleready.witness.traces import Trace

# A loop over files is one finding; what comes after so many traces adds nothing but memory.
MOST_TRACES = 500


class Window:
    """A request, task or test from its begin to its end, and the traces of it.

    ``describe`` returns its name, and the place of its view or task if the project wrote that.
    """

    __slots__ = (
        "_end",
        "describe",
        "ended",
        "moment",
        "outer",
        "running",
        "temporary",
        "traces",
    )

    def __init__(
        self,
        moment: Moment,
        describe: Callable[[], tuple[str, Location | None]],
        end: Callable[[Window], None],
    ) -> None:
        self.moment, self.describe, self._end = moment, describe, end
        self.traces: dict[Hashable, Trace] = {}
        self.temporary: set[str] = set()
        self.running, self.ended = True, False
        self.outer: Window | None = None

    def begin(self) -> None:
        """Be what is going on here, inside of what is."""
        outer = current.get() or None
        if outer is not None and not outer.running:
            # A response that nobody closed, in a thread that went on to the next request.
            outer.end()
            outer = outer.outer
        self.outer = outer
        current.set(self)

    def end(self) -> None:
        """Be over, and have the traces looked at."""
        if self.ended:
            return
        self.running, self.ended = False, True
        if current.get() is self:
            current.set(self.outer)
        self._end(self)

    def add(self, trace: Trace) -> None:
        """Take a trace, the first of its kind, up to a number of them."""
        if len(self.traces) < MOST_TRACES:
            self.traces.setdefault(trace.key, trace)


# False: a request that is not watched, whatever thread it runs in.
current: ContextVar[Window | Literal[False] | None] = ContextVar("scaleready_window", default=None)


class Threads:
    """Threads that were started in a window; they belong to it, and to where they were started."""

    def __init__(self) -> None:
        self._started: weakref.WeakKeyDictionary[threading.Thread, tuple[Window, Any]] = (
            weakref.WeakKeyDictionary()
        )
        self._original: Any = None

    def watch(self, origin: Callable[[Window], Any]) -> None:
        """Note each start; ``origin`` returns where that is done. Python 3.11 has no event."""
        if self._original is not None:
            return
        original = self._original = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            window = current.get()
            if window:
                self._started[thread] = window, origin(window)
            original(thread)

        threading.Thread.start = start  # type: ignore[method-assign,assignment]  # undone by unwatch

    def unwatch(self) -> None:
        """Undo it, unless somebody has wrapped it in between."""
        if self._original is not None and threading.Thread.start.__module__ == __name__:
            threading.Thread.start = self._original  # type: ignore[method-assign]  # as it was
            self._original = None

    def window(self) -> tuple[Window, Any] | None:
        """Return what this thread belongs to by birth."""
        if not self._started:
            return None
        return self._started.get(threading.current_thread())
