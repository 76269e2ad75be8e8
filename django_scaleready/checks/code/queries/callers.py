"""Which transactions of its callers a function runs in, and which rows they give it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.queries.in_transaction import (
    AFTER,
    ALONE,
    CHANGES,
    INSIDE,
    INSTANCE,
    LATER,
    NOTED,
    SAVES,
    SELF,
    TELLS,
    WRAPS,
)
from django_scaleready.checks.code.summary import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.summary import Fact, Summary

# with transaction.atomic(): place() -> close() -> notify() -> task.delay()
STEPS = 3
# What save() of a serializer of Django REST framework calls, by whose name one is told.
_BY_SAVE = frozenset({"create", "update"})
_SERIALIZER = "Serializer"
_WORDS = re.compile(r"[A-Z][a-z0-9]*")


class Callers:
    """Who calls a function inside a transaction, as well as the calls of a project tell."""

    def __init__(self, code: Codebase) -> None:
        """Take the code."""
        self._code = code
        # The models of which a receiver is told that a row was saved.
        self._tells: dict[Key, tuple[str, ...]] = {}
        self._inside: set[tuple[str, int]] = set()
        self._after: set[tuple[str, int]] = set()
        self._later: set[tuple[str, int]] = set()
        self._alone: set[Key] = set()
        self._saving: set[Key] = set()
        self._changing: set[Key] = set()
        self._wrapping: set[Key] = set()
        # Whether a function leads to changed rows over so many steps.
        self._known: dict[tuple[Key, int], bool] = {}
        self._of: dict[tuple[str, str], list[tuple[str, str, int]]] = {}
        self._given: dict[str, list[tuple[Summary, Fact]]] = {}
        for source, fact in code.facts(NOTED):
            kind, at = fact.data[0], (source.path, fact.line)
            if kind == INSIDE:
                self._inside.add(at)
                self._of.setdefault(fact.data[1:], []).append(
                    (source.path, fact.function, fact.line)
                )
            elif kind == AFTER:
                self._after.update((source.path, line) for line in fact.data[1:])
            elif kind == LATER:
                self._later.add(at)
            elif kind == ALONE:
                self._alone.add((source.path, fact.function))
            elif kind == SAVES:
                self._saving.add((source.path, fact.function))
            elif kind == WRAPS:
                self._wrapping.add((source.path, fact.function))
            elif kind == TELLS:
                self._tells[source.path, fact.function] = fact.data[1:]
            elif kind == CHANGES:
                self._changing.add((source.path, fact.function))
            else:
                self._given.setdefault(fact.data[1], []).append((source, fact))

    def within(self, key: Key, *, wrote: bool = True) -> Location | None:
        """Return where a function is called inside a transaction, over some steps.

        ``wrote``: whether it has changed rows itself; a caller may have before it calls.
        """
        return next((at for at, _, inside in self._after_changes(key, wrote) if inside), None)

    def served(self, key: Key, serves: Callable[[str, str], bool]) -> Location | None:
        """Return where a request calls a function, over some steps, after rows were changed."""
        after = self._after_changes(key, False, below=True)
        return next((at for at, by, _ in after if serves(*by)), None)

    def _after_changes(
        self, key: Key, wrote: bool, *, below: bool = False
    ) -> Iterator[tuple[Location, Key, bool]]:
        """Yield the calls that lead to a function after rows were changed, and who calls.

        With each, whether it stands inside a transaction. The nearest come first.
        """
        if wrote and (place := self._wrapped(key)):
            yield place, key, True
        level, seen = [(key, wrote)], {key}
        for _ in range(STEPS):
            above = []
            for called, changed in level:
                for path, name, line in self._calls(called):
                    if (path, line) in self._later or self._is_operators(path, name):
                        continue
                    by = (path, name)
                    inside = (path, line) in self._inside or self._wrapped(by) is not None
                    known = changed or (path, line) in self._after or (inside and self._leads(by))
                    known = known or (below and self.led(by, line))
                    if known:
                        yield Location(path, line), by, inside
                    if name and (path, name) not in seen:
                        seen.add((path, name))
                        above.append(((path, name), known))
            level = above

    def _wrapped(self, key: Key) -> Location | None:
        """Return where a function is that a decorator of the project makes a transaction."""
        source = self._code.by_path[key[0]]
        own = source.functions.get(key[1])
        for name in own.decorators if own and self._wrapping else ():
            dotted = name if "." in name else f"{source.module}.{name}"
            found = self._code.function(dotted)
            if found and (found[0].path, found[1]) in self._wrapping:
                return Location(source.path, own.line if own else 0)
        return None

    def led(self, key: Key, line: int, *, inside: bool = False) -> bool:
        """Whether what a function calls above a line changes rows, over some steps.

        ``inside``: by the calls that stand in a transaction alone.
        """
        own = self._code.by_path[key[0]].functions.get(key[1])
        calls = own.calls if own else ()
        above = {
            call.callee
            for call in calls
            if call.line < line
            and not call.deferred
            and (not inside or (key[0], call.line) in self._inside)
        }
        return any(
            self._leads((found[0].path, found[1]), STEPS - 1)
            for found in map(self._code.function, above)
            if found
        )

    def _leads(self, key: Key, steps: int = STEPS) -> bool:
        """Whether a function changes rows, or what it calls does, over some steps."""
        if (key, steps) not in self._known:
            own = self._code.by_path[key[0]].functions.get(key[1])
            below = map(self._code.function, {call.callee for call in own.calls} if own else ())
            self._known[key, steps] = key in self._changing or (
                steps > 0
                and any(
                    self._leads((found[0].path, found[1]), steps - 1) for found in below if found
                )
            )
        return self._known[key, steps]

    def _calls(self, key: Key) -> list[tuple[str, str, int]]:
        """Return the calls of a function, and those of a method of what is called as its class."""
        calls = [(path, name, line) for path, name, line, _ in self._code.calls_of(key)]
        owner, _, method = key[1].rpartition(".")
        if method in _BY_SAVE and owner.endswith(_SERIALIZER):
            saves = self._code.inherited_calls((key[0], owner), "save")
            calls += [(path, name, line) for path, name, line, _ in saves]
        if word := _last_word(owner):
            known = self._of.get((method, word), ())
            if known and self._owners[method].count(word) == 1:
                calls += known
        return calls

    @cached_property
    def _owners(self) -> dict[str, list[str]]:
        """The last words of the names of the classes that have a method, by its name."""
        found: dict[str, list[str]] = {}
        for summary in self._code.files:
            for name in summary.functions:
                owner, _, method = name.rpartition(".")
                if owner in summary.classes:
                    found.setdefault(method, []).append(_last_word(owner))
        return found

    def saves_above(self, source: Summary, name: str) -> bool:
        """Whether the method of a base class, of the name of a method, saves its own row."""
        owner, _, method = name.rpartition(".")
        _, *above = self._code.ancestors(f"{source.module}.{owner}")
        found = (self._code.function(f"{base}.{method}") for base in above)
        return any((of[0].path, of[1]) in self._saving for of in found if of)

    def serves(self, path: str, name: str) -> bool:
        """Whether a request comes to a function, in the transaction that a request may be."""
        moments = self._code.moments(self._code.by_path[path], name)
        return not self._alone & {(path, ""), (path, name)} and Moment.REQUEST in moments

    def givers(self, key: Key, parameter: str) -> Iterator[tuple[Summary, Fact]]:
        """Yield the calls that give a function a parameter, after a row was saved."""
        source = self._code.by_path[key[0]]
        method = key[1].rpartition(".")[2]
        if method == "__init__":
            # Who makes an object calls its class.
            method = key[1].rpartition(".")[0].rpartition(".")[2]
        called = {(path, line) for path, _, line, _ in self._code.calls_of(key)}
        # A method of a row is told by its name, if it is the only one of that name.
        alone = len(self._code.methods.get(method, ())) == 1
        names = list(source.functions[key[1]].parameters)
        bound = names[:1] == [SELF] or names[:1] == ["cls"]
        for giver, fact in self._given.get(method, ()):
            place = fact.data[2]
            if isinstance(place, int):
                place = names[place + bound] if place + bound < len(names) else ""
            at = (giver.path, fact.line)
            if place == parameter and (at in called or (alone and place == SELF)):
                yield giver, fact

    def told(self, giver: Summary, fact: Fact) -> str | None:
        """Return the model of a row that a receiver was told of, if it is that which it gives."""
        models = self._tells.get((giver.path, fact.function))
        return models[0] if models and fact.data[-1] == INSTANCE else None

    def is_inside(self, source: Summary, fact: Fact) -> Location | None:
        """Return where the transaction of a call is begun, by its function or by who calls that."""
        if (source.path, fact.line) in self._inside:
            return Location(source.path, fact.line)
        return self.within((source.path, fact.function))

    def _is_operators(self, path: str, name: str) -> bool:
        source = self._code.by_path[path]
        return self._code.moments(source, name) == {Moment.COMMAND}


def _last_word(name: str) -> str:
    """Return the last word of a class's name, in small letters: cart of ShopCart."""
    words = _WORDS.findall(name)
    return words[-1].lower() if words else ""
