"""Whether a setting that is off keeps replicas from a place of the code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Set
from functools import cached_property

from django_scaleready.checks.code.codebase import UNSAID, Codebase
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.switches import NOTED

# view() -> notify() -> send(): who calls from further away is seldom all that is known of it.
STEPS = 3


class Switched:
    """What runs only where a setting is on that is off in one project."""

    def __init__(
        self, code: Codebase, is_off: Callable[[str, bool, str], bool], lasting: Set[str]
    ) -> None:
        """Take the code, what tells of a setting whether it is off, the programs that are started.

        Those are given by their paths (see ``Source.is_off`` and ``Source.programs``).
        """
        self._code = code
        self._lasting = lasting
        self._is_off = is_off
        self._kept: dict[tuple[str, str, int], bool] = {}

    def keeps_from(self, path: str, function: str, line: int, steps: int = STEPS) -> bool:
        """Whether a line is below such a setting, or all calls of its function are."""
        if not self._off:
            return False
        if any(first <= line <= last for first, last in self._off.get(path, ())):
            return True
        own = self._code.by_path[path].functions.get(function)
        if not steps or own is None or own.decorated or own.moment not in UNSAID or not function:
            return False
        key = (path, function, steps)
        if key not in self._kept:
            calls = self._code.calls_of((path, function))
            others = [call for call in calls if not self._is_command(*call[:2])]
            kept = all(self.keeps_from(at, name, where, steps - 1) for at, name, where, _ in others)
            # What takes longest is asked last, of few.
            self._kept[key] = bool(others) and kept and not self._is_handed_on(path, function)
        return self._kept[key]

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
        last = function.rpartition(".")[2]
        words = (f" {last} ", f" .{last} ", f" :{last} ")
        own = self._code.by_path[path].said.items()
        return any(word in said for place, said in own if place not in callers for word in words)

    @cached_property
    def _off(self) -> dict[str, list[tuple[int, int]]]:
        """The first and the last line of each part that does not run, by path."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for source, fact in self._code.facts(NOTED):
            name, unset, last, module = fact.data
            if self._is_off(name, unset, module):
                found[source.path].append((fact.line, last))
        return found
