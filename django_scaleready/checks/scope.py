"""What a name stands for inside one function: enough to follow a value a few steps back."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.source import Function, Source


def body_nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes that run when the scope runs: not the bodies of functions defined in it."""
    pending = list(ast.iter_child_nodes(scope))
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        yield node
        pending.extend(ast.iter_child_nodes(node))


def bindings(scope: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield (name, value) for what a scope binds: assignments, loops and with-blocks."""
    for node in body_nodes(scope):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                yield from _bound(target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr | ast.AugAssign) and node.value:
            yield from _bound(node.target, node.value)
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            yield from _bound(node.target, node.iter)
        elif isinstance(node, ast.withitem) and node.optional_vars:
            yield from _bound(node.optional_vars, node.context_expr)


def _bound(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name | ast.Attribute):
        yield ast.unparse(target), value
    elif isinstance(target, ast.Tuple | ast.List):
        values = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        pairs = values if len(values) == len(target.elts) else [value] * len(target.elts)
        for element, held in zip(target.elts, pairs, strict=True):
            yield from _bound(element, held)


def value_of(source: Source, name: str, function: Function | None) -> ast.expr | None:
    """Return the last value a name is bound to: in the function, its class, the module."""
    if function is not None:
        if found := _last(function, name):
            return found
        if name in parameters(function):
            return parameters(function)[name]
        if name.startswith(("self.", "cls.")):
            return _attribute(source, name.partition(".")[2], function)
    return _last(source.tree, name)


def parameters(function: Function) -> dict[str, ast.expr | None]:
    """Return the names of a function's parameters with their defaults."""
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    found: dict[str, ast.expr | None] = {
        argument.arg: default
        for argument, default in zip(positional, [*missing, *arguments.defaults], strict=True)
    }
    found |= {
        argument.arg: default
        for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)
    }
    return found


def _attribute(source: Source, name: str, function: Function) -> ast.expr | None:
    """Return what ``self.name`` is set to, anywhere in the class of a method."""
    owner = source.class_of(function)
    if owner is None:
        return None
    for node in owner.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            found = _last(node, f"self.{name}")
            if isinstance(found, ast.Name) and found.id in parameters(node):
                return _last(node, found.id) or parameters(node)[found.id]
            if found is not None:
                return found
    return _last(owner, name)


def _last(scope: ast.AST, name: str) -> ast.expr | None:
    values = [value for bound, value in bindings(scope) if bound == name]
    return max(values, key=lambda value: value.lineno, default=None)
