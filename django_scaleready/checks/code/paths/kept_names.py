"""Whether a function that writes a file leaves word of it: in a row, in a cache or in an answer."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# They keep what they are given where all replicas find it, or send somebody there.
_KEEPERS = frozenset(
    [
        *("bulk_create", "create", "get_or_create", "hset", "lpush", "rpush", "set", "update"),
        *("update_or_create", "HttpResponseRedirect", "redirect"),
    ]
)
_OWN = frozenset({"cls", "self"})


def is_name_kept(site: Site, path: ast.expr) -> bool:
    """Whether the path that a function writes to, or the file's name, is kept elsewhere as well."""
    names = set(_names(site.scope, path))
    return bool(names) and any(_says(value, names) for value in _kept(site.scope))


def _names(scope: Scope, path: ast.expr) -> Iterator[str]:
    """Yield what a path, and the last part of it, are called."""
    if not isinstance(path, ast.Name):
        yield from _last(path)
        return
    yield path.id
    for value in scope.bindings.get(path.id, ()):
        yield from _last(value)


def _last(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Call) and node.args:
        node = node.args[-1]
    elif isinstance(node, ast.BinOp):
        node = node.right
    elif isinstance(node, ast.JoinedStr) and node.values:
        part = node.values[-1]
        node = part.value if isinstance(part, ast.FormattedValue) else part
    if isinstance(node, ast.Name):
        yield node.id


def _kept(scope: Scope) -> Iterator[ast.expr]:
    for call, _ in scope.calls:
        if last_name(call.func) in _KEEPERS:
            yield from call.args
            yield from (keyword.value for keyword in call.keywords)
    for node in nodes_of(scope.node):
        if isinstance(node, ast.Assign) and any(map(_is_anothers, node.targets)):
            yield node.value


def _is_anothers(target: ast.expr) -> bool:
    """Whether it is an attribute of an object that the function has: ``order.scan = path``."""
    owner = target.value if isinstance(target, ast.Attribute) else None
    return isinstance(owner, ast.Name) and owner.id not in _OWN


def _says(node: ast.expr, names: set[str]) -> bool:
    return any(isinstance(each, ast.Name) and each.id in names for each in nodes_of(node))
