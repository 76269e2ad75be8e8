"""Querysets of a class that its methods go through: the rows stay with the class.

``queryset = Order.objects.all()`` asks for nothing until somebody goes through it, and then keeps
what it got. What is asked of it (``.all()``, ``.filter()``, ``.get()``) is a copy's.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.queries.database import (
    CONSUMERS,
    EVALUATE,
    MANAGERS,
    is_queryset,
)
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import GUARDED, Scope
from django_scaleready.checks.code.tree.syntax import last_name, written

# What goes through all that it is given, besides those that make a container of it.
_THROUGH = (*CONSUMERS, "all", "any", "bool", "enumerate", "max", "min", "sum")
_MANY = "many"


def kept_rows(module: Module) -> Iterator[tuple[str, ast.expr, Scope, Scope, int]]:
    """Yield the querysets that stay filled: name, queryset, its class, who fills it, the line."""
    if not module.classes or MANAGERS.isdisjoint(module.mentions):
        return
    held = dict(_held(module))
    for rows, line, function, flags in _gone_through(module) if held else ():
        owner = function.owner
        if function.kind != "function" or owner is None or flags & GUARDED:
            continue
        first, dot, name = _as_held(rows, function).partition(".")
        if dot and first in {"self", "cls", owner.name} and (owner, name) in held:
            yield name, held[owner, name], owner, function, line


def _held(module: Module) -> Iterator[tuple[tuple[Scope, str], ast.expr]]:
    """Yield the querysets that classes hold, and no function gives them anew."""
    given = {
        name.rpartition(".")[2] for s in module.scopes if s.binds_attributes for name in s.bindings
    }
    for owner in module.classes.values():
        for name, values in owner.bindings.items():
            if len(values) == 1 and name not in given and _is_built(values[0]):
                yield (owner, name), values[0]


def _is_built(value: ast.expr) -> bool:
    """Whether a queryset is built, and neither asked nor empty."""
    if not isinstance(value, ast.Call) or not is_queryset(value):
        return False
    return last_name(value.func) not in EVALUATE | {"none"}


def _gone_through(module: Module) -> Iterator[tuple[ast.expr, int, Scope, int]]:
    """Yield what is gone through as a whole: by a loop, a function, or a serializer of many."""
    for items, scope, flags in module.loops:
        yield items, items.lineno, scope, flags
    for call, scope, flags in module.calls_that_run(*_THROUGH):
        if isinstance(call.func, ast.Name):
            yield from ((given, call.lineno, scope, flags) for given in call.args[:1])
    if _MANY.encode() not in module.content:
        return
    for scope in module.functions.values():
        for call, flags in scope.calls:
            if any(keyword.arg == _MANY for keyword in call.keywords):
                given = [k.value for k in call.keywords if k.arg == "instance"]
                for rows in (*call.args[:1], *given):
                    yield rows, call.lineno, scope, flags


def _as_held(rows: ast.expr, scope: Scope) -> str:
    """Return rows as they are written, or as what the name is bound to that they have here."""
    if isinstance(rows, ast.Name):
        bound = scope.bindings.get(rows.id, ())
        rows = bound[0] if len(bound) == 1 else rows
    return written(rows) if isinstance(rows, ast.Attribute) else ""
