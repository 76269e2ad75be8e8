"""Where rows are saved by somebody else's hand: by a model's own save(), or by the admin."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Scope
from django_scaleready.checks.code.syntax import last_name

# Methods of an admin, and the parameter that is the row.
_OF_ADMIN = {"save_model": 2}


def class_name(node: ast.expr) -> str:
    """Return the name of a class, however it is written; "" for any other expression."""
    if isinstance(node, ast.Constant):
        return str(node.value).rpartition(".")[2]
    return last_name(node)


def registered(module: Module) -> Iterator[str]:
    """Yield the names of the models that an admin of this file saves."""
    if "admin" not in module.path and "admin" not in module.imports:
        return
    for site in module.calls("register"):
        for argument in site.call.args[:1]:
            models = argument.elts if isinstance(argument, ast.List | ast.Tuple) else [argument]
            yield from map(class_name, models)
    for scope in module.classes.values():
        for decorator in scope.decorators:
            if isinstance(decorator, ast.Call) and last_name(decorator.func) == "register":
                yield from map(class_name, decorator.args)
        if any("Inline" in base for base in module.bases(scope)):
            yield from map(class_name, scope.bindings.get("model", ()))


def saved_model(scope: Scope, keys: set[str], before: int) -> str | None:
    """Return the model whose row a function saves for the admin, if ``keys`` hold that row.

    "" if it is not said which one, None where no row is saved above the line ``before``.
    """
    owner = scope.owner
    parameters = list(scope.parameters)
    if owner is None or scope.parent is not owner or not parameters:
        return None
    if scope.name == "save" and parameters[0] in keys:
        return owner.name if _saves(scope, before) else None
    place = _OF_ADMIN.get(scope.name, 0)
    is_admin = place and len(parameters) > place and "Admin" in _bases(owner)
    return "" if is_admin and parameters[place] in keys else None


def _saves(scope: Scope, before: int) -> bool:
    above = (call.func for call, _ in scope.calls if call.lineno < before)
    return any(
        isinstance(function, ast.Attribute)
        and function.attr == "save"
        and ast.unparse(function.value).startswith("super(")
        for function in above
    )


def _bases(owner: Scope) -> str:
    node = owner.node
    return " ".join(map(ast.unparse, node.bases)) if isinstance(node, ast.ClassDef) else ""
