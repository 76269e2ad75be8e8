"""Which value a text that is filled in begins with: ``"{}/x".format(path)``, ``"%s/x" % path``."""

from __future__ import annotations

import ast
import re

_FIELD = re.compile(r"\{(\w*)[^{}]*\}")


def first_filled_in(node: ast.AST) -> ast.expr | None:
    """Return the value that a text begins with, None if it begins with a text of its own."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        text = node.func.value
        if node.func.attr == "format" and isinstance(text, ast.Constant):
            return _of_format(str(text.value), node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod):
        text = node.left
        if isinstance(text, ast.Constant) and str(text.value).startswith("%s"):
            given = node.right
            return given.elts[0] if isinstance(given, ast.Tuple) and given.elts else given
    return None


def _of_format(text: str, call: ast.Call) -> ast.expr | None:
    field = _FIELD.match(text)
    if field is None:
        return None
    name = field[1]
    if name and not name.isdigit():
        return next((k.value for k in call.keywords if k.arg == name), None)
    position = int(name or 0)
    return call.args[position] if position < len(call.args) else None
