"""Whether no replica asks a function for what it does only if it is asked."""

from __future__ import annotations

from collections.abc import Set
from pathlib import Path

from django_scaleready.checks.code.codebase import UNSAID, Codebase, Key, gives
from django_scaleready.checks.code.families import PYTHON, family
from django_scaleready.checks.code.running.asked_for import AskedFor
from django_scaleready.checks.code.running.by_hand import only_by_hand
from django_scaleready.checks.code.summary import Function, Moment
from django_scaleready.checks.reaching.never_given import NeverGiven
from django_scaleready.checks.reaching.sayers import Sayers, is_site


class Unasked:
    """What functions of one project do for an operator's command alone, or for nobody."""

    def __init__(self, code: Codebase, lasting: Set[str], sayers: Sayers, root: Path) -> None:
        """Take the code in a folder, who says what in it, and the programs that are started."""
        self._code = code
        self._lasting = lasting
        self._never_given = NeverGiven(code, sayers, root, code.once(only_by_hand) - lasting)
        self._asked_for = code.once(AskedFor)

    def keeps_from(self, path: str, function: str, line: int) -> bool:
        """Whether a line needs a parameter that no replica gives."""
        wanted = self._asked_for.wanted(path, function, line)
        own = self._code.by_path[path].functions.get(function)
        if not wanted or own is None or own.decorated or own.moment not in UNSAID:
            return False
        return self._is_left_out((path, function), own, wanted) or (
            self._is_its_own((path, function))
            and any(self._never_given.holds(own.parameters, function, name) for name in wanted)
        )

    def _is_left_out(self, key: Key, own: Function, wanted: Set[str]) -> bool:
        """Whether all calls are known, and one of some parameters is in none of them."""
        calls = [each for each in self._code.called(key) if not self._is_command(each[0])]
        return (
            bool(calls)
            and not all(any(gives(call, own, name) for _, call in calls) for name in wanted)
            and not self._code.is_open(*key)
            and not self._is_handed_on(key)
        )

    def _is_its_own(self, key: Key) -> bool:
        """Whether only what lies here calls a function: no class of a package, and not Python."""
        owner, _, name = key[1].rpartition(".")
        if name.startswith("__") or not self._code.once(is_site):
            return False
        source = self._code.by_path[key[0]]
        return not owner or family(self._code, f"{source.module}.{owner}") <= PYTHON

    def _is_command(self, key: Key) -> bool:
        source = self._code.by_path[key[0]]
        return key[0] not in self._lasting and self._code.moments(source, key[1]) == {
            Moment.COMMAND
        }

    def _is_handed_on(self, key: Key) -> bool:
        """Whether the function's own file says its name where it does not call it."""
        last = key[1].rpartition(".")[2]
        callers = {name for path, name in self._code.callers(key) if path == key[0]}
        words = (f" {last} ", f" .{last} ", f" :{last} ")
        said = self._code.by_path[key[0]].said.items()
        return any(word in text for place, text in said if place not in callers for word in words)
