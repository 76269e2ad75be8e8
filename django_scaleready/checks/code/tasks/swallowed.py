"""Calls that a soft time limit ends one at a time: a loop catches what it raises, and goes on."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import nodes_of

_ALL = frozenset({"Exception", "BaseException"})


def goes_on(module: Module, site: Site) -> bool:
    """Whether any exception of a call is caught, and the next turn of a loop calls again."""
    if b"except" not in module.content or site.scope.kind != "function":
        return False
    catching = [node for node in _around(site.scope.node, site.call) if isinstance(node, ast.Try)]
    if not any(_catches_all(node) for node in catching):
        return False
    return any(_repeats(node) for node in _around(site.scope.node, catching[0])) or any(
        _repeats(node)
        for other in module.calls(site.scope.name)
        if other.scope.kind == "function"
        for node in _around(other.scope.node, other.call)
    )


def _around(top: ast.AST, inner: ast.AST) -> Iterator[ast.AST]:
    """Yield the statements below a node that have another one in their bodies."""
    for node in nodes_of(top):
        for statement in getattr(node, "body", ()) if isinstance(node, ast.stmt) else ():
            if inner in nodes_of(statement):
                yield node
                break


def _repeats(node: ast.AST) -> bool:
    return isinstance(node, ast.For | ast.AsyncFor | ast.While)


def _catches_all(node: ast.Try) -> bool:
    """Whether a handler of all exceptions lets none of them through."""
    for handler in node.handlers:
        caught = handler.type
        everything = caught is None or (isinstance(caught, ast.Name) and caught.id in _ALL)
        if everything:
            return not any(isinstance(n, ast.Raise) for one in handler.body for n in nodes_of(one))
    return False
