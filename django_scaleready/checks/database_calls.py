"""Calls that ask the database: a queryset that is evaluated, not one that is only built."""

from __future__ import annotations

import ast

from django_scaleready.checks.source import Source

EVALUATE = frozenset(
    (
        *("aggregate", "count", "create", "bulk_create", "bulk_update", "delete", "earliest"),
        *("exists", "first", "get", "get_or_create", "in_bulk", "iterator", "last", "latest"),
        *("update", "update_or_create"),
    )
)
CONSUMERS = frozenset({"dict", "len", "list", "set", "sorted", "tuple"})


def is_queryset(node: ast.AST) -> bool:
    """Whether an expression is a chain that begins with ``Model.objects``."""
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            if node.attr in {"objects", "_default_manager"}:
                return True
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return False


def asks_database(source: Source, call: ast.Call) -> bool:
    """Whether a call runs a query."""
    function = call.func
    if isinstance(function, ast.Name):
        return function.id in CONSUMERS and any(is_queryset(argument) for argument in call.args)
    if source.resolve(function) == "django.db.connection.cursor":
        return True
    return isinstance(function, ast.Attribute) and function.attr in EVALUATE and is_queryset(call)
