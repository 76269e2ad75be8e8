"""Whether a setting that is off keeps replicas from a place of the code."""

from __future__ import annotations

from collections.abc import Set

from django_scaleready.checks.code.codebase import UNSAID, Codebase
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.reaching.off import Off, Switchboard

# view() -> notify() -> send(): who calls from further away is seldom all that is known of it.
STEPS = 3


class Switched:
    """What runs only where a setting is on that is off in one project."""

    def __init__(self, code: Codebase, project: Switchboard, lasting: Set[str]) -> None:
        """Take the code, what tells of a setting whether it is off, the programs that are started.

        Those are given by their paths (see ``Source.is_off`` and ``Source.programs``).
        """
        self._code = code
        self._lasting = lasting
        self.off = Off(code, project, lasting)
        self._kept: dict[tuple[str, str, int], str] = {}

    def keeps_from(self, path: str, function: str, line: int, steps: int = STEPS) -> str:
        """Return such a setting if a line is below it, or all calls of its function are; or ""."""
        if not self.off:
            return ""
        if switch := self.off.at(path, line) or self.off.of_class(path, function):
            return switch
        own = self._code.by_path[path].functions.get(function)
        if not steps or own is None or own.decorated or own.moment not in UNSAID or not function:
            return ""
        key = (path, function, steps)
        if key not in self._kept:
            self._kept[key] = self._leads(path, function, steps)
        return self._kept[key]

    def _leads(self, path: str, function: str, steps: int) -> str:
        """Return the setting that all calls of a function are below."""
        switch = ""
        for at, name, where, _ in self._code.calls_of((path, function)):
            if not self._is_command(at, name):
                switch = self.keeps_from(at, name, where, steps - 1)
                if not switch:
                    return ""
        # What takes longest is asked last, of few.
        return switch if switch and not self._is_handed_on(path, function) else ""

    def _is_command(self, path: str, function: str) -> bool:
        """Whether only somebody at a terminal runs a function that may leave the setting alone."""
        source = self._code.by_path[path]
        return path not in self._lasting and self._code.moments(source, function) == {
            Moment.COMMAND
        }

    def _is_handed_on(self, path: str, function: str) -> bool:
        """Whether a function may be called by more than those that say its name in a call."""
        if self._code.is_open(path, function):
            return True
        callers = {name for at, name in self._code.callers((path, function)) if at == path}
        # What it says of itself, as the name of its logger, runs when it does.
        callers.add(function)
        last = function.rpartition(".")[2]
        words = (f" {last} ", f" .{last} ", f" :{last} ")
        own = self._code.by_path[path].said.items()
        return any(word in said for place, said in own if place not in callers for word in words)
