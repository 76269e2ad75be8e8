"""What of a function runs only if its caller asks for it: ``if wait:`` with ``wait=False``."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator

from django_scaleready.checks.code.codebase import Caller, Codebase, Key
from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.syntax import blocks

NOTED = "asked-for"


def asked_for(reading: Reading) -> Iterator[Fact]:
    """Note the lines below a parameter that is off by default: (the parameter, the last line)."""
    if "sleep" not in reading.module.vocabulary:
        # Nothing else is followed from a line to who comes there.
        return
    for scope in reading.module.functions.values():
        off = {
            name
            for name, default in scope.parameters.items()
            if isinstance(default, ast.Constant) and not default.value
            if name not in scope.bindings
        }
        for block in blocks(scope.node) if off else ():
            for statement in block:
                if isinstance(statement, ast.If) and (names := off & _asked(statement.test)):
                    last = statement.body[-1].end_lineno or 0
                    yield Fact(statement.body[0].lineno, scope.qualname, (min(names), last))


def _asked(test: ast.expr) -> set[str]:
    """Return the names that are true where a condition holds."""
    parts = [test]
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        parts = test.values
    return {part.id for part in parts if isinstance(part, ast.Name)}


class AskedFor:
    """Tells which calls of a function come to one of its lines."""

    def __init__(self, code: Codebase) -> None:
        """Take the code with what was noted of it."""
        self._code = code
        self._parts: dict[Key, list[tuple[int, int, str]]] = defaultdict(list)
        for source, fact in code.facts(NOTED):
            name, last = fact.data
            self._parts[source.path, fact.function].append((fact.line, last, name))

    def calls_to(self, path: str, function: str, line: int) -> list[Caller]:
        """Return the calls of a function but for those that do not ask for what a line does."""
        wanted = {
            name
            for first, last, name in self._parts.get((path, function), ())
            if first <= line <= last
        }
        key = (path, function)
        return [
            call
            for call in self._code.calls_of(key)
            if all(self._code.gives(key, call, name) for name in wanted)
        ]
