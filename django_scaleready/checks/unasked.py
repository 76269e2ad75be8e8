"""Whether no replica asks a function for what it does only if it is asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Set
from functools import cached_property

from django_scaleready.checks.code.codebase import UNSAID, Codebase, Key
from django_scaleready.checks.code.optional import NOTED
from django_scaleready.checks.code.summary import Call, Moment

# Whatever is in a list, or in a mapping, may be what is asked for.
STARRED = frozenset({"*", "**"})


class Unasked:
    """What functions of one project do for an operator's command alone, or for nobody."""

    def __init__(self, code: Codebase, lasting: Set[str]) -> None:
        """Take the code, and the paths of the programs that are started."""
        self._code = code
        self._lasting = lasting

    def keeps_from(self, path: str, function: str, line: int) -> bool:
        """Whether a line needs a parameter that no replica gives."""
        asked = self._noted.get((path, line), ())
        own = self._code.by_path[path].functions.get(function)
        if not asked or own is None or own.decorated or own.moment not in UNSAID:
            return False
        key = (path, function)
        calls = [each for each in self._code.called(key) if not self._is_command(each[0])]
        return (
            bool(calls)
            and any(not any(_gives(call, *each) for _, call in calls) for each in asked)
            and not self._code.is_open(*key)
            and not self._is_handed_on(key)
        )

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

    @cached_property
    def _noted(self) -> dict[tuple[str, int], list[tuple[str, int]]]:
        found: dict[tuple[str, int], list[tuple[str, int]]] = defaultdict(list)
        for source, fact in self._code.facts(NOTED):
            found[source.path, fact.line].append(fact.data)
        return found


def _gives(call: Call, name: str, place: int) -> bool:
    return call.positional > place or name in call.named or not STARRED.isdisjoint(call.named)
