"""What a request changes of Django's admin: a process has one object of each ModelAdmin."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope

OPTIONS = frozenset(
    [
        *("actions", "exclude", "fields", "fieldsets", "filter_horizontal", "filter_vertical"),
        *("inlines", "list_display", "list_display_links", "list_editable", "list_filter"),
        *("list_select_related", "ordering", "prepopulated_fields", "raw_id_fields"),
        *("readonly_fields", "search_fields"),
    ]
)
GROW = ("append", "extend", "insert", "update")
_URLS = "get_urls"
# The views of each ModelAdmin; what one of them calls itself is the same request's.
_VIEWS = frozenset({"changelist_view", "delete_view", "history_view"})


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


def handed_over(module: Module) -> Iterator[tuple[str, Scope, int]]:
    """Yield what one view of an admin leaves for another one in ``self``: name, function, line.

    The two are asked for by addresses of their own: two requests, each to any of the processes.
    """
    if "admin_view" not in module.mentions:
        return
    for urls in module.functions.values():
        owner = urls.parent
        if urls.name != _URLS or owner is None or not _is_admin(module, owner):
            continue
        methods = {s.name: s for s in module.functions.values() if s.parent is owner}
        own = [methods[name] for name in methods if name in urls.attributes]
        views = [methods[name] for name in _VIEWS & methods.keys()] + own
        for view in views:
            for name, values in view.bindings.items():
                attribute = name.removeprefix("self.")
                others = (each for each in own if _reads(each, attribute, view))
                if attribute != name and any(others):
                    yield attribute, view, values[0].lineno


def _reads(view: Scope, attribute: str, by: Scope) -> bool:
    """Whether a view takes an attribute as another one, that it does not call, has left it."""
    if view is by or view.name in by.attributes or by.name in view.attributes:
        return False
    return attribute in view.attributes and f"self.{attribute}" not in view.bindings


def _is_of_request(module: Module, scope: Scope) -> bool:
    owner = scope.owner
    if scope.kind != "function" or owner is None or "request" not in scope.parameters:
        return False
    return _is_admin(module, owner)


def _is_admin(module: Module, owner: Scope) -> bool:
    return any(base.endswith("Admin") for base in module.bases(owner))
