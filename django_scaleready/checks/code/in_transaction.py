"""Which transactions of its callers a function runs in, and which rows they give it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.saved_rows import MADE, OF_ADMIN, is_of_admin, saved_rows
from django_scaleready.checks.code.scopes import ATOMIC, DEFERRED, begins_transaction
from django_scaleready.checks.code.summary import Fact, Moment
from django_scaleready.checks.code.syntax import written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.module import Module
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.code.scopes import Scope
    from django_scaleready.checks.code.summary import Summary

# The lines of calls that run inside a transaction, and later than it says; what a call is
# given after a row was saved; views of which each sees to its transactions by itself; methods
# that save their own row.
INSIDE, LATER, GIVEN, ALONE, SAVES = "inside", "later", "given", "alone", "saves"
NOTED = "in-transaction"
_ALONE = "non_atomic_requests"
# with transaction.atomic(): place() -> notify() -> task.delay()
STEPS = 2
# What a file says that begins a transaction: transaction.atomic(), a wrapper's, a client's own.
BEGINS = (b"atomic", b"xact")
SELF = "self"


def notes(reading: Reading) -> Iterator[Fact]:
    """Note the calls that run inside a transaction, and those that come after a row was saved."""
    module = reading.module
    said = module.mentions | module.imports.keys()
    if _ALONE in said:
        yield from _alone(module)
    saves = MADE | OF_ADMIN | {"form_valid", "on_commit", "update"}
    if said.isdisjoint(saves) and not any(name in module.content for name in BEGINS):
        return
    for scope in module.functions.values():
        decorated = is_atomic(module, scope) or is_of_admin(scope)
        for call, flags in scope.calls:
            if flags & DEFERRED:
                if "on_commit" in said:
                    yield Fact(call.lineno, scope.function, (LATER,))
            elif flags & ATOMIC or decorated:
                yield Fact(call.lineno, scope.function, (INSIDE,))
        yield from _given(scope)


def is_atomic(module: Module, scope: Scope) -> bool:
    """Whether a function is a transaction as a whole."""
    return any(map(begins_transaction, module.decorators(scope)))


def _alone(module: Module) -> Iterator[Fact]:
    """Note the views that are in no transaction: the decorated ones, or all if that is not all."""
    decorated = [
        scope
        for scope in module.functions.values()
        if scope.name != "dispatch" and any(n.endswith(_ALONE) for n in module.decorators(scope))
    ]
    said = module.content.count(_ALONE.encode()) - (_ALONE in module.imports)
    alone = [scope.function for scope in decorated] if len(decorated) == said else [""]
    yield from (Fact(0, function, (ALONE,)) for function in alone)


def _given(scope: Scope) -> Iterator[Fact]:
    """Note what calls are given after a row was saved, and that row; "" if it is another one."""
    saved = list(saved_rows(scope))
    if any(row == SELF for row, _ in saved):
        yield Fact(0, scope.function, (SAVES,))
    for call, flags in scope.calls if saved else ():
        rows = {row for row, line in saved if line < call.lineno and not flags & DEFERRED}
        function = call.func
        name = getattr(function, "attr", "") or getattr(function, "id", "")
        given = [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)]
        if isinstance(function, ast.Attribute):
            given.append((SELF, function.value))
        for place, value in given if rows else ():
            if isinstance(value, ast.Name | ast.Attribute):
                row = written(value)
                yield Fact(
                    call.lineno, scope.function, (GIVEN, name, place, row if row in rows else "")
                )


class Callers:
    """Who calls a function inside a transaction, as well as the calls of a project tell."""

    def __init__(self, code: Codebase) -> None:
        """Take the code."""
        self._code = code
        self._inside: set[tuple[str, int]] = set()
        self._later: set[tuple[str, int]] = set()
        self._alone: set[Key] = set()
        self._saving: set[Key] = set()
        self._given: dict[str, list[tuple[Summary, Fact]]] = {}
        for source, fact in code.facts(NOTED):
            kind = fact.data[0]
            if kind == INSIDE:
                self._inside.add((source.path, fact.line))
            elif kind == LATER:
                self._later.add((source.path, fact.line))
            elif kind == ALONE:
                self._alone.add((source.path, fact.function))
            elif kind == SAVES:
                self._saving.add((source.path, fact.function))
            else:
                self._given.setdefault(fact.data[1], []).append((source, fact))

    def within(self, key: Key, steps: int = STEPS) -> Location | None:
        """Return where a function is called inside a transaction, over some steps."""
        for path, name, line, _ in self._code.calls_of(key):
            if (path, line) in self._later or self._is_operators(path, name):
                continue
            if (path, line) in self._inside:
                return Location(path, line)
            if steps > 1 and name and (found := self.within((path, name), steps - 1)):
                return found
        return None

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

    def is_inside(self, source: Summary, fact: Fact) -> Location | None:
        """Return where the transaction of a call is begun, by its function or by who calls that."""
        if (source.path, fact.line) in self._inside:
            return Location(source.path, fact.line)
        return self.within((source.path, fact.function))

    def _is_operators(self, path: str, name: str) -> bool:
        source = self._code.by_path[path]
        return self._code.moments(source, name) == {Moment.COMMAND}
