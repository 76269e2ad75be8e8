"""Routes that a request adds: ``urlpatterns.append(path(...))`` within a function."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_name

ROUTES = "urlpatterns"
_GROW = ("append", "extend", "insert")


def added_routes(module: Module) -> Iterator[Site]:
    """Yield the calls of functions that add to a module's routes, to another module's mostly."""
    if ROUTES.encode() not in module.content:
        return
    for site in sorted(module.calls_that_run(*_GROW), key=lambda site: site.line):
        function = site.call.func
        held = function.value if isinstance(function, ast.Attribute) else function
        if (
            last_name(held) == ROUTES
            and site.scope.function
            # A registry is filled at the start, as other containers are.
            and not site.scope.name.startswith("register")
            and _is_of_a_module(module, held, site)
        ):
            yield site


def _is_of_a_module(module: Module, held: ast.expr, site: Site) -> bool:
    """Whether they are no list that the function makes, or is given, for itself."""
    first = held.value if isinstance(held, ast.Attribute) else held
    if not isinstance(first, ast.Name):
        return False
    functions = [scope for scope in site.scope.outer if scope.kind == "function"]
    if any(first.id in (*scope.bindings, *scope.parameters) for scope in functions):
        return False
    return first.id in module.own_imports or first.id in module.top.bindings
