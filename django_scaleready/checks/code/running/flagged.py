"""What runs only where an object was given a flag: ``if getattr(order, "silent", False)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading

NOTED = "flagged"


def flagged(reading: Reading) -> Iterator[Fact]:
    """Note the lines that run only where an attribute is true that may be unset.

    As (its name, the last line).
    """
    module = reading.module
    if b"getattr(" not in module.content:
        return
    for statement, _, _ in module.branches:
        body = statement.body
        for name in _asked(statement.test):
            yield Fact(body[0].lineno, "", (name, body[-1].end_lineno or 0))


def _asked(test: ast.expr) -> Iterator[str]:
    """Yield the attributes without which a condition does not hold."""
    match test:
        case ast.BoolOp(op=ast.And()):
            for value in test.values:
                yield from _asked(value)
        case ast.Call(
            func=ast.Name("getattr"),
            args=[_, ast.Constant(str(name)), ast.Constant(False | None)],
        ) if not name.isupper():
            # What is written in capitals is a setting.
            yield name
