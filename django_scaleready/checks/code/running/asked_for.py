"""What of a function runs only if its caller asks for it: ``if wait:`` with ``wait=False``."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from django_scaleready.checks.code.codebase import Caller, Codebase, Key
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading

NOTED = "asked-for"


def asked_for(reading: Reading) -> Iterator[Fact]:
    """Note the lines below a parameter that is off by default: (the parameter, the last line)."""
    for statement, scope, _ in reading.module.branches:
        if scope.kind != "function" or not scope.parameters:
            continue
        for name in _asked(statement.test):
            if name not in scope.bindings and _is_off(scope.parameters.get(name)):
                last = statement.body[-1].end_lineno or 0
                yield Fact(statement.body[0].lineno, scope.qualname, (name, last))


def _is_off(default: ast.expr | None) -> bool:
    return default.__class__ is ast.Constant and not default.value


def _asked(test: ast.expr) -> Iterator[str]:
    """Yield the names that are given where a condition holds."""
    match test:
        case ast.Name(name):
            yield name
        case ast.Compare(
            left=ast.Name(name), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]
        ):
            yield name
        case ast.BoolOp(op=ast.And(), values=parts):
            for part in parts:
                yield from _asked(part)


class AskedFor:
    """Tells which parameters a line of a function needs, and which calls give them."""

    def __init__(self, code: Codebase) -> None:
        """Take the code with what was noted of it."""
        self._code = code
        self._parts: dict[Key, list[tuple[int, int, str]]] = defaultdict(list)
        for source, fact in code.facts(NOTED):
            name, last = fact.data
            self._parts[source.path, fact.function].append((fact.line, last, name))

    def wanted(self, path: str, function: str, line: int) -> set[str]:
        """Return the parameters without which a function does not come to one of its lines."""
        parts = self._parts.get((path, function), ())
        return {name for first, last, name in parts if first <= line <= last}

    def calls_to(self, path: str, function: str, line: int) -> list[Caller]:
        """Return the calls of a function but for those that do not ask for what a line does."""
        key, wanted = (path, function), self.wanted(path, function, line)
        return [
            call
            for call in self._code.calls_of(key)
            if all(self._code.gives(key, call, name) for name in wanted)
        ]
