"""The rounds of a comprehension: the names that each of them sees. And ``filter()``."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from typing import Any

from django_scaleready.checks.static.values.undecided import UNDECIDED, Ref

Value = Callable[[ast.expr, dict[str, Any]], Any]
ROUNDS = 1_000


def each_round(
    generators: list[ast.comprehension], names: dict[str, Any], value: Value
) -> Iterator[dict[str, Any] | None]:
    """Yield the names of each round; None if nobody knows what is gone through."""
    first, *rest = generators
    items = value(first.iter, names)
    if not isinstance(items, list | tuple | set | dict) or len(items) > ROUNDS:
        yield None
        return
    for item in items:
        inner = {**names, **taken_apart(first.target, item)}
        tests = [value(test, inner) for test in first.ifs]
        # An app that is perhaps left out is perhaps there.
        if all(test or test is UNDECIDED for test in tests):
            yield from each_round(rest, inner, value) if rest else [inner]


def taken_apart(target: ast.expr, item: Any) -> dict[str, Any]:
    """Return what the names of a loop's target hold."""
    if isinstance(target, ast.Name):
        return {target.id: item}
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else []
    known = isinstance(item, list | tuple) and len(item) == len(parts)
    found: dict[str, Any] = {}
    for index, part in enumerate(parts):
        found |= taken_apart(part, item[index] if known else UNDECIDED)
    return found


def filtered(test: Any, items: Any) -> Any:
    """Return what ``filter(None, items)`` keeps; nobody knows what a function says of them."""
    if test is not None or not isinstance(items, list | tuple | set | dict):
        return UNDECIDED
    # An app that is perhaps left out is perhaps there.
    return [item for item in items if item or item is UNDECIDED or isinstance(item, Ref)]
