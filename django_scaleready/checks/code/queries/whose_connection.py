"""Whether a statement goes to the database of the site, as far as its file tells."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name

# What Django gives of its connections.
_OF_DJANGO = frozenset({"connection", "connection_created", "connections", "get_connection"})
_MODULES = frozenset({"django.db", "django.db.transaction"})
# How their addresses are called, for whoever opens one past Django.
_ADDRESSES = frozenset({"DATABASES", "DATABASE_URL"})
_OPENS = frozenset({"connect", "create_engine", "create_pool"})


def is_sites_own(module: Module, scope: Scope) -> bool:
    """Whether a function has a connection to the site's database, and not one to another.

    Django's is, unless the function opens one or is handed it; so is one to an address of Django's.
    """
    functions = [outer for outer in scope.outer if outer.kind == "function"]
    if any(
        not _ADDRESSES.isdisjoint({*each.attributes, *each.names, *each.texts})
        for each in functions
    ):
        return True
    return _knows_django(module) and not any(_has_another(each) for each in functions)


def _knows_django(module: Module) -> bool:
    imported = module.imports.values()
    return any(
        dotted.startswith("django.db.") and dotted.rpartition(".")[2] in _OF_DJANGO
        for dotted in imported
    ) or (not _MODULES.isdisjoint(imported) and not _OF_DJANGO.isdisjoint(module.mentions))


def _has_another(function: Scope) -> bool:
    """Whether a cursor of a function is of what it opens, or of what it is given."""
    opened = {
        name
        for name, values in function.bindings.items()
        if any(isinstance(v, ast.Call) and last_name(v.func) in _OPENS for v in values)
    }
    # A receiver of connection_created is given Django's.
    given = () if "sender" in function.parameters else function.parameters
    others = {*opened, *given} - {"cls", "self"}
    asked = (call.func for call, _ in function.calls if last_name(call.func) == "cursor")
    return any(
        isinstance(each, ast.Attribute)
        and isinstance(each.value, ast.Name)
        and each.value.id in others
        for each in asked
    )
