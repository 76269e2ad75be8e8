"""The operators of an expression, as far as reading may apply them."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

LONGEST = 100_000
BITS = 256
# A width of five digits in a template.
WIDE = re.compile(r"\d{5}")
OPERATORS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
}
COMPARISONS: dict[type, Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: lambda a, b: a is b or (a is None and b is None),
    ast.IsNot: lambda a, b: a is not b,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
}


def explodes(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether an operation may make something huge of something small."""
    if isinstance(op, ast.Mod):
        return isinstance(left, str) and WIDE.search(left) is not None
    sized = [len(v) for v in (left, right) if isinstance(v, str | bytes | list | tuple)]
    if isinstance(op, ast.Add):
        return sum(sized) > LONGEST
    if not isinstance(op, ast.Mult):
        return False
    counts = [abs(v) for v in (left, right) if isinstance(v, int)]
    if len(counts) > 1:
        return any(count.bit_length() > BITS for count in counts)
    return bool(sized and counts and sized[0] * counts[0] > LONGEST)
