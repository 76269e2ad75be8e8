"""What runs when something is called: the project's own functions, followed a few steps."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.scope import body_nodes, value_of
from django_scaleready.checks.source import Function, Source, Sources

# Deep enough for ready() -> refresh_all() -> Client.fetch() -> self._get(); a longer way says
# little about what the caller means to do.
DEPTH = 5
STARTERS = frozenset({"threading.Thread", "threading.Timer"})


def called(sources: Sources, source: Source, call: ast.Call) -> tuple[Source, Function] | None:
    """Return the project's function behind a call, or None."""
    if source.resolve(call.func) in STARTERS:
        target = next((k.value for k in call.keywords if k.arg in {"target", "function"}), None)
        return _function(sources, source, target, call) if target is not None else None
    return _function(sources, source, call.func, call)


def _function(
    sources: Sources, source: Source, node: ast.expr, call: ast.Call
) -> tuple[Source, Function] | None:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        if node.value.id in {"self", "cls"}:
            owner = source.class_of(call)
            method = source.functions.get(f"{owner.name}.{node.attr}") if owner else None
            return (source, method) if method else None
        # A method of an object that was made here.
        made = value_of(source, node.value.id, source.function_of(call))
        if isinstance(made, ast.Call):
            return _named(sources, source, f"{source.resolve(made.func)}.{node.attr}")
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Call):
        # A method of an object made on the spot.
        return _named(sources, source, f"{source.resolve(node.value.func)}.{node.attr}")
    return _named(sources, source, source.resolve(node))


def _named(sources: Sources, source: Source, dotted: str) -> tuple[Source, Function] | None:
    if not dotted:
        return None
    if own := source.functions.get(dotted):
        return source, own
    return sources.function(dotted) or sources.function(f"{dotted}.__init__")


def reached(sources: Sources, source: Source, call: ast.Call) -> Iterator[tuple[Source, ast.Call]]:
    """Yield a call, and those it leads to through the project's functions."""
    seen: set[ast.AST] = set()
    pending = [(source, call, 0)]
    while pending:
        here, found, depth = pending.pop(0)
        yield here, found
        target = called(sources, here, found) if depth < DEPTH else None
        if target is None or target[1] in seen:
            continue
        seen.add(target[1])
        inside = (node for node in body_nodes(target[1]) if isinstance(node, ast.Call))
        pending += [(target[0], node, depth + 1) for node in inside]
