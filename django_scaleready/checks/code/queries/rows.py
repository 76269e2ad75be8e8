"""Which rows a query asks for: those of which model, and whether what the code says picks them."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.queries.database import CONSUMERS, MANAGERS, is_queryset
from django_scaleready.checks.code.summary import Rows
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope

USER_MODEL = "django.contrib.auth.get_user_model"
USER = "django.contrib.auth.models.User"


def query_in(node: ast.AST) -> ast.expr | None:
    """Return the chain that begins with ``Model.objects``: a call, or what a call goes through."""
    if not isinstance(node, ast.Call):
        return None
    given = node.args if isinstance(node.func, ast.Name) and node.func.id in CONSUMERS else ()
    return next(filter(is_queryset, (node, *given)), None)


def rows_of(module: Module, query: ast.expr, scope: Scope) -> Rows:
    """Return what a chain that begins with ``Model.objects`` asks for."""
    given: list[ast.expr] = []
    node = query_in(query) or query
    while not (isinstance(node, ast.Attribute) and node.attr in MANAGERS):
        if isinstance(node, ast.Call):
            given += [*node.args, *(keyword.value for keyword in node.keywords)]
            node = node.func
        elif isinstance(node, ast.Attribute | ast.Subscript):
            node = node.value
        else:
            return Rows("", False)
    return Rows(_model(module, node.value, scope), bool(given) and all(map(_is_constant, given)))


def _model(module: Module, node: ast.expr, scope: Scope) -> str:
    if isinstance(node, ast.Name) and node.id == "cls" and scope.owner:
        return f"{module.name}.{scope.owner.qualname}"
    made = [node]
    if isinstance(node, ast.Name):
        made += [value for outer in scope.outer for value in outer.bindings.get(node.id, ())]
    if any(isinstance(m, ast.Call) and module.resolve(m.func) == USER_MODEL for m in made):
        return USER
    return module.qualified(node, scope)


def _is_constant(node: ast.expr) -> bool:
    """Whether a value is written here, or has the name of a constant or a setting."""
    if isinstance(node, ast.Name | ast.Attribute):
        return (node.id if isinstance(node, ast.Name) else node.attr).isupper()
    return isinstance(node, ast.Constant)
