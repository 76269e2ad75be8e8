"""Which of the values that a name has say where a path begins."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.paths.pathlike import first_part
from django_scaleready.checks.code.tree.scopes import Scope

# As deep as expressions are followed.
DEPTH = 12


def begins(values: list[ast.expr], scope: Scope) -> list[ast.expr]:
    """Return the values that a name begins with: not what is put behind them with ``+=``.

    An empty text is one to put all behind it, and what is added to a tuple stands beside the rest.
    """
    added = (node.value for node, _ in scope.changes if isinstance(node, ast.AugAssign))
    behind = {id(value) for value in added if not isinstance(value, ast.Tuple | ast.List)}
    return [v for v in values if id(v) not in behind and getattr(v, "value", None) != ""]


def mentions(value: ast.expr, name: str) -> bool:
    """Whether a value is made of the name's own earlier one: path = path / "x"."""
    inner: ast.AST | None = value
    for _ in range(DEPTH):
        if isinstance(inner, ast.Name):
            return inner.id == name
        if isinstance(inner, ast.Call):
            known = isinstance(inner.func, ast.Attribute)
            inner = inner.args[0] if inner.args else (inner.func.value if known else None)  # type: ignore[attr-defined]  # known
        else:
            inner = first_part(inner) if inner is not None else None
        if inner is None:
            return False
    return False
