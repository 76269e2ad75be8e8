"""Where the memory of a cached function is cleared, and whether that is done for a change."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import NamedTuple

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name

CLEAR = "cache_clear"
# What changes rows, or the tables themselves.
_CHANGES = frozenset(
    [
        *("adelete", "asave", "bulk_create", "bulk_update", "delete", "execute", "get_or_create"),
        *("save", "update_or_create"),
        *("add_field", "alter_db_table", "alter_field", "create_model", "delete_model"),
        *("remove_field", "rename_field"),
    ]
)
# Dictionaries and others have such a method, too, and take what is in it by position.
_NAMING = frozenset({"acreate", "aupdate", "create", "update"})
_SIGNALS = frozenset({"m2m_changed", "post_delete", "post_save", "pre_delete", "pre_save"})


class Clear(NamedTuple):
    """The line, the dotted name of the function, "" if it is not told, and is it for a change."""

    line: int
    function: str
    changes: bool


def clears(module: Module) -> Iterator[Clear]:
    """Yield each place of a file that clears the memory of a function."""
    if CLEAR not in module.mentions:
        return
    sites = [site for site in module.calls(CLEAR) if isinstance(site.call.func, ast.Attribute)]
    if module.content.count(CLEAR.encode()) > len(sites):
        # It is handed to something that calls it, whenever that is.
        yield Clear(0, "", changes=False)
    for site in sites:
        yield Clear(site.call.lineno, _cleared(module, site), changes=_changes(site.scope))


def _cleared(module: Module, site: Site) -> str:
    held = site.call.func.value if isinstance(site.call.func, ast.Attribute) else site.call.func
    if not isinstance(held, ast.Attribute | ast.Name):
        return ""
    name = module.qualified(held, site.scope)
    return name if "." in name else f"{module.name}.{name}" if name in module.functions else ""


def _changes(scope: Scope) -> bool:
    """Whether a function changes what is stored, or is told that somebody has."""
    functions = [outer for outer in scope.outer if outer.kind == "function"]
    return any(_tells_of_change(function) or _has_changes(function) for function in functions)


def _has_changes(function: Scope) -> bool:
    return any(
        last_name(call.func) in _CHANGES
        or (last_name(call.func) in _NAMING and call.keywords and not call.args)
        for call, _ in function.calls
    )


def _tells_of_change(function: Scope) -> bool:
    return any(
        last_name(part) in _SIGNALS
        for decorator in function.decorators
        if isinstance(decorator, ast.Call) and last_name(decorator.func) == "receiver"
        for given in decorator.args
        for part in ast.walk(given)
        if isinstance(part, ast.Attribute | ast.Name)
    )
