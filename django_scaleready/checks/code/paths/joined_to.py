"""Whether a path is joined to one that an object has, or that a function is given."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.paths.filled_in import first_filled_in
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name

# Followed so far: path = path / "x" would lead round for ever.
_DEPTH = 6
# What has the path that they are called on or given.
_ON = frozenset({"absolute", "as_posix", "fileno", "open", "resolve"})
_GIVEN = frozenset({"Path", "open", "str"})
_JOIN = frozenset({"join", "joinpath", "with_name", "with_suffix"})
_WORDS = re.compile(r"dir|file|folder|path|repo|root", re.IGNORECASE)
# A folder for locks, or for what all processes of a machine find, says nothing of what is locked.
_COMMON = re.compile(r"lock|te?mp|run|pid", re.IGNORECASE)


def is_joined_to_own(node: ast.expr | None, scope: Scope) -> bool:
    """Whether a path is one of an object's, or of a caller's, with something put behind it."""
    for _ in range(_DEPTH):
        if node is None:
            return False
        if (begins := _beginning(node)) is not None:
            return _is_own(begins, scope)
        node = _followed(node, scope)
    return False


def _beginning(node: ast.expr) -> ast.expr | None:
    """Return what a joined path begins with: ``self.path / "x"``, ``path + ".lock"``."""
    match node:
        case ast.BinOp(op=ast.Div() | ast.Add(), left=left):
            return left
        case ast.JoinedStr(values=[ast.FormattedValue(value=value), _, *_]):
            return value
        case ast.Call(func=ast.Attribute(value=held, attr=name), args=[first, _, *_]):
            if name == "join" and last_name(held) == "path":
                return first
        case ast.Call(func=ast.Attribute(value=held, attr=name), args=[_]) if name in _JOIN:
            return None if isinstance(held, ast.Constant) else held
    return first_filled_in(node)


def _followed(node: ast.expr, scope: Scope) -> ast.expr | None:
    match node:
        case ast.Call(func=ast.Name(id=name), args=[given, *_]) if name in _GIVEN:
            return given
        case ast.Call(func=ast.Attribute(value=held, attr=name)) if name in _ON:
            return held
        case ast.Name(id=name):
            bound = scope.bindings.get(name, ())
            return bound[0] if len(bound) == 1 else None
    return None


def _is_own(node: ast.expr, scope: Scope) -> bool:
    """Whether an object has a path, or a function is given it: no setting, and no constant."""
    name = last_name(node) or ""
    if name.isupper() or not _WORDS.search(name) or _COMMON.search(name):
        return False
    if isinstance(node, ast.Name):
        return name in scope.parameters
    root = node
    while isinstance(root, ast.Attribute):
        root = root.value
    return isinstance(root, ast.Name) and root.id in scope.parameters
