"""What was seen so far in this process."""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.witnessed import Fate, Kind, Moment, Seen
from django_scaleready.witness.distributions import distribution
from django_scaleready.witness.frames import Frames, Site
from django_scaleready.witness.traces import Trace
from django_scaleready.witness.windows import Threads, Window, current

# What is not decided yet is looked at again, and for the last time when so many newer ones wait.
MOST_PENDING = 256
MOST_ERRORS = 20


class Recorder:
    """Takes traces and keeps what stays behind, one entry for each kind and place.

    ``shared`` are the folders that all replicas see. ``heard`` is told each time something was
    seen, with all that was seen there so far, and ``lost`` once of each error that cost a trace.
    What is undecided is decided after ``patience`` seconds, or when all is over.
    """

    def __init__(
        self,
        root: Path,
        *,
        shared: Iterable[str] = (),
        heard: Callable[[Seen], None] | None = None,
        lost: Callable[[str], None] | None = None,
        patience: float = float("inf"),
    ) -> None:
        self.frames = Frames(root)
        self.threads = Threads()
        self.seen: dict[tuple[Kind, Location], Seen] = {}
        self.watched: Counter[str] = Counter()
        self.errors: dict[str, None] = {}
        self._shared = [Path(path).resolve() for path in shared]
        self._temporary = Path(tempfile.gettempdir()).resolve()
        self._heard, self._lost, self._patience = heard, lost, patience
        self._pending: deque[tuple[Trace, Window]] = deque()
        self._told_of = 0
        # Requests end in several threads; what is judged may log, and end another window.
        self._judging = threading.RLock()

    # For the hook: short, and raising nothing that is not an error of ours.

    def window(self) -> tuple[Window, Site | None] | None:
        """Return what is going on here, and where the thread came from if it has its own."""
        window = current.get()
        if window is None:
            return self.threads.window()
        return (window, None) if window else None

    def site(self, window: Window, born: Site | None, frame: FrameType | None) -> Site | None:
        """Return who is at work in a frame; a thread also stands for who started it."""
        site = self.frames.site(frame, tested=window.moment is Moment.TEST and born is None)
        if site is None or site.place is not None or born is None:
            return site
        return Site(born.place, site.package or born.package, site.anything)

    def origin(self, window: Window) -> Site | None:
        """Return who is starting a thread."""
        try:
            # Past this, and past what takes the place of Thread.start.
            return self.frames.site(sys._getframe(2), tested=window.moment is Moment.TEST)
        except Exception as error:  # noqa: BLE001 - the thread has to start all the same
            self.failed(error)
            return None

    def add(self, window: Window, trace: Trace) -> None:
        """Take a trace, be its window still open or not."""
        if window.ended:
            self._wait(trace, window)
        else:
            window.add(trace)

    def failed(self, error: Exception) -> None:
        """Note that a trace was lost, and why."""
        if len(self.errors) < MOST_ERRORS:
            self.errors[f"{type(error).__name__}: {error}"] = None

    # For whoever opens windows.

    def begin(self, moment: Moment, describe: Callable[[], tuple[str, Location | None]]) -> Window:
        """Return a window that has begun."""
        window = Window(moment, describe, self._ended)
        window.begin()
        return window

    def finish(self) -> None:
        """Decide what is undecided."""
        with self._judging:
            while self._pending:
                self._judge(*self._pending.popleft(), final=True)

    def _ended(self, window: Window) -> None:
        with self._judging:
            try:
                self._decide(window)
            except Exception as error:  # noqa: BLE001 - it is the response that is being closed
                self.failed(error)
            self._complain()

    def _complain(self) -> None:
        # Not where the error is met: to log from inside the hook may lead to it again.
        for text in list(self.errors)[self._told_of :]:
            self._told_of += 1
            if self._lost:
                self._lost(text)

    def _decide(self, window: Window) -> None:
        self.watched[window.moment] += 1
        traces, window.traces = list(window.traces.values()), {}
        # A thread may keep the window for long; it must not keep the request with it.
        told = window.describe() if traces else ("", None)
        window.describe = lambda: told
        for trace in traces:
            self._judge(trace, window, final=False)
        while self._pending and self._is_due(self._pending[0][0]):
            self._judge(*self._pending.popleft(), final=True)

    def _is_due(self, trace: Trace) -> bool:
        return len(self._pending) > MOST_PENDING or time.time() - trace.at > self._patience

    def _wait(self, trace: Trace, window: Window) -> None:
        self._pending.append((trace, window))

    def _judge(self, trace: Trace, window: Window, *, final: bool) -> None:
        fate = trace.fate(final)
        if fate is trace.waiting:
            self._wait(trace, window)
        elif fate is not None and not self._is_fine(trace, window):
            self._keep(trace, window, fate)

    def _is_fine(self, trace: Trace, window: Window) -> bool:
        tested = window.moment is Moment.TEST
        if trace.kind not in {Kind.FILE, Kind.SQLITE} or not (self._shared or tested):
            return False
        path = Path(trace.target).resolve()
        if any(path.is_relative_to(folder) for folder in self._shared):
            return True
        # A test has told the function where to write.
        told = tested and path.is_relative_to(self._temporary)
        return told and not path.is_relative_to(self.frames.root)

    def _keep(self, trace: Trace, window: Window, fate: Fate) -> None:
        during, view = window.describe()
        site = trace.site
        place = site.place or view or site.package or site.anything
        if place is None:
            return
        known = self.seen.get((trace.kind, place))
        if known and known.fate is fate and known.moment is window.moment:
            now = self.seen[known.key] = replace(known, count=known.count + 1)
            self._told(now)
            return
        new = Seen(
            kind=trace.kind,
            fate=fate,
            moment=window.moment,
            place=place,
            target=self._shown(trace),
            package=distribution(site.package.path) if site.package else "",
            source=site.package or (None if site.place else site.anything),
            during=during,
        )
        now = self.seen[new.key] = known.joined(new) if known else new
        self._told(now)

    def _told(self, seen: Seen) -> None:
        if self._heard:
            self._heard(seen)

    def _shown(self, trace: Trace) -> Any:
        if trace.kind not in {Kind.FILE, Kind.SQLITE}:
            return trace.target
        path = Path(trace.target)
        root = self.frames.root
        return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
