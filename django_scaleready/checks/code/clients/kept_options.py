"""Options that an object keeps, as ``self._options``, and hands to each of its calls."""

from __future__ import annotations

import ast
from collections import Counter

from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written


def is_kept_plain(mapping: ast.expr, scope: Scope) -> bool:
    """Whether all keys of ``self._options`` stand in its class, and a timeout is none of them.

    What another class, a function or another file may add to is read by nobody. Of a name without
    an underscore a class that is derived from this one has often its own.
    """
    owner = scope.owner
    name = mapping.attr if isinstance(mapping, ast.Attribute) else ""
    if owner is None or not name.startswith("_") or written(mapping) != f"self.{name}":
        return False
    nodes = nodes_of(owner.node)
    known = Counter(kind for node in nodes for kind in _known(node, name))
    uses = _uses(nodes, name)
    everywhere = _uses(nodes_of(list(scope.outer)[-1].node), name)
    return known["made"] > 0 and uses == everywhere == known.total()


def _uses(nodes: list[ast.AST], name: str) -> int:
    """Count the places that name an attribute, of whatever object, or a name of the class."""
    return sum(
        getattr(node, "attr", "") == name
        or getattr(node, "id", "") == name
        or (isinstance(node, ast.Constant) and node.value == name)
        for node in nodes
    )


def _known(node: ast.AST, name: str) -> list[str]:
    """Return what a node does with the options, once for each time that it names them."""
    match node:
        case ast.Assign(targets=[target], value=value) | ast.AnnAssign(target=target, value=value):
            return ["made"] if _is_own(target, name) and _is_plain(value) else []
        case ast.Subscript(value=held, slice=ast.Constant(value=key)):
            return ["keyed"] if _is_own(held, name) and key != "timeout" else []
        case ast.keyword(arg=None, value=held):
            return ["handed"] if _is_own(held, name) else []
    return []


def _is_own(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Attribute) and written(node) == f"self.{name}"


def _is_plain(value: ast.expr | None) -> bool:
    """Whether a dictionary is written out, without a timeout."""
    if isinstance(value, ast.Call) and getattr(value.func, "id", "") == "dict" and not value.args:
        return {keyword.arg for keyword in value.keywords}.isdisjoint({None, "timeout"})
    if not isinstance(value, ast.Dict):
        return False
    keys = [key.value if isinstance(key, ast.Constant) else None for key in value.keys]
    return {None, "timeout"}.isdisjoint(keys)
