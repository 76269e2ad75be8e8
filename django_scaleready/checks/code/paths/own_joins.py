"""Functions of a file that only join what they are given: ``def join(*parts)``."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.module import Module


def own_joins(module: Module, wrappers: frozenset[str]) -> frozenset[str]:
    """Return the names of functions that hand all their arguments to one that makes a path.

    For instance ``return os.path.abspath(os.path.join(*parts))``.
    """
    return frozenset(
        scope.name
        for scope in module.scopes
        if scope.kind == "function" and not scope.owner and len(scope.returns) == 1
        if isinstance(scope.node, ast.FunctionDef) and (rest := scope.node.args.vararg)
        if not scope.node.args.args and _hands_on(module, scope.returns[0], rest.arg, wrappers)
    )


def _hands_on(module: Module, value: ast.expr | None, rest: str, wrappers: frozenset[str]) -> bool:
    while isinstance(value, ast.Call) and module.resolve(value.func) in wrappers and value.args:
        value = value.args[0]
    given = value.value if isinstance(value, ast.Starred) else None
    return isinstance(given, ast.Name) and given.id == rest
