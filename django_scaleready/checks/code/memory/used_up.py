"""What callers take out of a list that a function remembers: the next one finds the rest."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site

_TAKE = ("pop", "popitem", "popleft")


def used_up(module: Module, function: Scope) -> Iterator[int]:
    """Yield the lines of a function's own file that take an item of what it returned.

    ``photos().pop()``, or ``left = photos()`` and ``left.pop(0)``. A key that is taken out of a
    mapping is gone after the first time, in all processes alike.
    """
    for site in module.calls_that_run(*_TAKE):
        given = [*site.call.args, *(keyword.value for keyword in site.call.keywords)]
        by_place = all(isinstance(getattr(each, "value", None), int) for each in given)
        if by_place and site.scope.kind == "function" and _is_of(site, function):
            yield site.line


def _is_of(site: Site, function: Scope) -> bool:
    """Whether all that is taken from is what a function returned."""
    held = getattr(site.call.func, "value", None)
    made = site.scope.bindings.get(held.id, ()) if isinstance(held, ast.Name) else (held,)
    calls = [value for value in made if isinstance(value, ast.Call)]
    named = all(ast.unparse(call.func).rpartition(".")[2] == function.name for call in calls)
    return bool(calls) and len(calls) == len(made) and named
