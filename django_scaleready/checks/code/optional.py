"""HTTP calls that a function makes only if it is given something that it need not be given."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.scopes import Scope
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.syntax import blocks

NOTED = "optional"


def optional(reading: Reading) -> Iterator[Fact]:
    """Note such calls: (the parameter, how many positional arguments come before it)."""
    for made in reading.http:
        scope = made.site.scope
        if scope.kind != "function" or isinstance(scope.node, ast.Lambda):
            continue
        for place, (name, default) in enumerate(scope.parameters.items()):
            empty = isinstance(default, ast.Constant) and not default.value
            if empty and name not in scope.bindings and _asks(scope, name, made.site.call):
                method = scope.parent is not None and scope.parent.kind == "class"
                bound = method and next(iter(scope.parameters)) in {"self", "cls"}
                yield Fact(made.site.line, scope.qualname, (name, place - bound))


def _asks(scope: Scope, name: str, call: ast.Call) -> bool:
    """Whether a function asks for a parameter on the way to a call."""
    for block in blocks(scope.node):
        for statement in block:
            if isinstance(statement, ast.If) and _is_asked(statement.test, name):
                first, last = statement.body[0], statement.body[-1]
                if first.lineno <= call.lineno <= (last.end_lineno or 0):
                    return True
    return False


def _is_asked(test: ast.expr, name: str) -> bool:
    match test:
        case ast.Name(asked):
            return asked == name
        case ast.Compare(
            left=ast.Name(asked), ops=[ast.IsNot()], comparators=[ast.Constant(value=None)]
        ):
            return asked == name
        case ast.BoolOp(op=ast.And()):
            return any(_is_asked(value, name) for value in test.values)
    return False
