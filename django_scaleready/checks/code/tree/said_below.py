"""What a place of the code says in some of its statements, and nowhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.said import named
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import children, nodes_of

_OWN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def said_below(
    module: Module, lines: Sequence[tuple[int, int]], parts: Sequence[ast.expr] = ()
) -> Iterator[tuple[str, str]]:
    """Yield the places around some lines and expressions, and the words that each says there alone.

    The words are as ``said`` has them, between spaces.
    """
    begins = [*(first for first, _ in lines), *(part.lineno for part in parts)]
    around = {id(scope): scope for line in begins for scope in [_scope(module, line)]}
    within = {id(node) for part in parts for node in nodes_of(part)}
    for scope in around.values():
        inside, outside = set[str](), set[str]()
        for node in _own_nodes(scope.node):
            line = getattr(node, "lineno", 0)
            below = id(node) in within or any(first <= line <= last for first, last in lines)
            (inside if below else outside).update(_words(node))
        if alone := sorted(inside - outside):
            yield scope.qualname, f" {' '.join(alone)} "


def _scope(module: Module, line: int) -> Scope:
    """Return the innermost function or class around a line."""
    found = module.top
    for scope in module.scopes:
        node = scope.node
        if isinstance(node, _OWN) and node.lineno < line <= (node.end_lineno or 0):
            found = scope if scope.line >= found.line else found
    return found


def _own_nodes(top: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one that are of no function or class in it."""
    found = children(top)
    for node in found:
        if isinstance(node, _OWN):
            yield from (each for one in node.decorator_list for each in nodes_of(one))
        else:
            yield node
            found += children(node)


def _words(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield f".{node.attr}"
        case ast.Constant(value=str(text)):
            yield from (f":{name}" for name in named([text]))
