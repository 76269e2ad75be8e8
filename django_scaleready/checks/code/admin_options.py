"""Options of Django's admin that a request changes: a process has one object of each ModelAdmin."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Scope

OPTIONS = frozenset(
    [
        *("actions", "exclude", "fields", "fieldsets", "filter_horizontal", "filter_vertical"),
        *("inlines", "list_display", "list_display_links", "list_editable", "list_filter"),
        *("list_select_related", "ordering", "prepopulated_fields", "raw_id_fields"),
        *("readonly_fields", "search_fields"),
    ]
)
GROW = ("append", "extend", "insert", "update")


def grown(module: Module) -> Iterator[tuple[str, Scope, int]]:
    """Yield the options that grow with a request: name, function, line.

    What is assigned anew in each request is another thing, and an inline is made for each.
    """
    if OPTIONS.isdisjoint(module.mentions):
        return
    for site in module.calls_that_run(*GROW):
        match site.call.func:
            case ast.Attribute(value=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                if name in OPTIONS and _is_of_request(module, site.scope):
                    yield name, site.scope, site.line
    for scope in module.scopes:
        for node, _ in scope.changes:
            match node:
                case ast.AugAssign(target=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                    if name in OPTIONS and _is_of_request(module, scope):
                        yield name, scope, node.lineno


def _is_of_request(module: Module, scope: Scope) -> bool:
    owner = scope.owner
    if scope.kind != "function" or owner is None or "request" not in scope.parameters:
        return False
    return any(base.endswith("Admin") for base in module.bases(owner))
