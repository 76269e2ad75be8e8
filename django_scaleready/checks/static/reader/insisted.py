"""The names that a settings module ends without: a deployment has given them."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any


class Insisted:
    """Remembers what guards ask for, as long as nothing else gives the name a value."""

    def __init__(self) -> None:
        """Begin with nothing."""
        # How often each had been given a value where a guard asked for it.
        self._given: dict[str, int] = {}

    def note(
        self,
        node: ast.If,
        value: Callable[[ast.expr], Any],
        definitions: Mapping[str, Sequence[object]],
    ) -> None:
        """Note what is there below a guard: ``if not DEBUG and not KEY: raise ...``."""
        if node.body and isinstance(node.body[-1], ast.Raise):
            for name in _needed(node.test, value):
                self._given[name] = len(definitions.get(name, ()))

    def way(self, test: ast.expr, definitions: Mapping[str, Sequence[object]]) -> bool | None:
        """Return what a test comes to that asks for such a name, None for any other."""
        asked = getattr(test, "id", "") or _lacked(test)
        if self._given.get(asked) != len(definitions.get(asked, ())):
            return None
        return isinstance(test, ast.Name)


def _needed(test: ast.expr, value: Callable[[ast.expr], Any]) -> Iterator[str]:
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.Or):
        for part in test.values:
            yield from _needed(part, value)
        return
    parts = test.values if isinstance(test, ast.BoolOp) else [test]
    # What holds in a deployment says nothing of what it gives.
    asked = [part for part in parts if value(part) is not True or not _is_mode(part, value)]
    if len(asked) == 1 and (name := _lacked(asked[0])):
        yield name


def _is_mode(part: ast.expr, value: Callable[[ast.expr], Any]) -> bool:
    """Whether a part of a condition asks whether something is on, and not whether it is given."""
    name = _lacked(part)
    return not name or isinstance(value(ast.Name(name, ast.Load())), bool)


def _lacked(test: ast.expr) -> str:
    """Return the name whose value a test asks to be missing: ``not KEY``, ``KEY is None``."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        return getattr(test.operand, "id", "")
    if not isinstance(test, ast.Compare) or not isinstance(test.ops[0], ast.Is | ast.Eq):
        return ""
    other = test.comparators[0]
    is_nothing = isinstance(other, ast.Constant) and other.value in (None, "")
    return getattr(test.left, "id", "") if is_nothing else ""
