"""Containers of one module that functions of another one fill: ``from shop.state import JOBS``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import MAKERS, Change, Container, all_changes
from django_scaleready.checks.code.tree.module import Module


def begun_empty(module: Module) -> Iterator[tuple[str, int]]:
    """Yield the containers that a module has, empty, for whoever fills them: name and line."""
    for name, values in module.top.bindings.items():
        if len(values) == 1 and "." not in name and _is_empty(module, values[0]):
            yield name, values[0].lineno


def _is_empty(module: Module, value: ast.expr) -> bool:
    match value:
        case ast.Dict(keys=[]) | ast.List(elts=[]):
            return True
        case ast.Call(args=arguments, keywords=[]):
            made = module.resolve(value.func)
            return made in MAKERS and (not arguments or made == "collections.defaultdict")
    return False


def filled_elsewhere(module: Module) -> dict[str, tuple[Container, list[Change]]]:
    """Return what a module's functions put into others' names, by the dotted name of these."""
    found: dict[str, tuple[Container, list[Change]]] = {}
    own = module.own_imports
    for name, change in all_changes(module) if own else ():
        first, dot, rest = name.partition(".")
        if first not in own or (first[0].isupper() and dot):
            # Of a class.
            continue
        if any(
            first in outer.bindings or first in outer.parameters for outer in change.scope.outer
        ):
            continue
        container = Container(rest or first, module.import_lines.get(first, 1), module.top)
        found.setdefault(f"{own[first]}{dot}{rest}", (container, []))[1].append(change)
    return found
