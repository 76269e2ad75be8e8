"""What asks the database: a queryset that is evaluated, not one that is only built, and SQL."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name

# Texts are kept where one of them may be a statement that leaves something in a session: by a word
# that is searched fast, and by what stands around it.
SQL = {
    "advisory_lock": re.compile(r"advisory_lock"),
    "listen": re.compile(r"listen\s"),
    "session": re.compile(r"set\s+session"),
    "_timeout": re.compile(r"set\s+\w+_timeout"),
    "search_path": re.compile(r"set\s+search_path"),
    "role": re.compile(r"set\s+(role|session_replication_role)\b"),
    "table": re.compile(r"temp(orary)?\s+table"),
    "view": re.compile(r"temp(orary)?\s+(recursive\s+)?view"),
    "hold": re.compile(r"with\s+hold"),
}
EVALUATE = frozenset(
    (
        *("aggregate", "count", "create", "bulk_create", "bulk_update", "delete", "earliest"),
        *("exists", "first", "get", "get_or_create", "in_bulk", "iterator", "last", "latest"),
        *("update", "update_or_create"),
    )
)
_EVALUATE = tuple(sorted(EVALUATE))
BUILD = ("all", "exclude", "filter", "order_by", "reverse", "values", "values_list")
_PICKS = re.compile(rb"\)\[-?\d+\]")
CONSUMERS = ("dict", "len", "list", "set", "sorted", "tuple")
# These go through all that they are given, too, or ask for all of it before anybody does.
_THROUGH = (*CONSUMERS, "any", "enumerate", "max", "min", "reversed", "sum", "zip")
# Of django-mptt, which caches the children of each row that it goes through.
_TREES = ("cache_tree_children", "get_cached_trees")
MANAGERS = frozenset({"objects", "_default_manager", "_base_manager"})


def is_queryset(node: ast.AST) -> bool:
    """Whether an expression is a chain that begins with ``Model.objects``."""
    while True:
        if isinstance(node, ast.Call):
            node = node.func
        elif isinstance(node, ast.Attribute):
            if node.attr in MANAGERS:
                return True
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        else:
            return False


def queries(module: Module) -> Iterator[Site]:
    """Yield the calls of a file that run a query."""
    if MANAGERS.intersection(module.mentions):
        yield from _of_models(module)
        yield from _picked(module)
    yield from _of_managers(module)
    for site in module.calls("cursor"):
        if module.resolve(site.call.func) == "django.db.connection.cursor":
            yield site
    for site in module.calls("get_object_or_404", "get_list_or_404"):
        yield site


def _of_models(module: Module) -> Iterator[Site]:
    """Yield the queries that are asked by a method, by what takes all rows, or by a loop."""
    for site in module.calls(*_EVALUATE):
        if isinstance(site.call.func, ast.Attribute):
            yield from _asked(site.call, site.scope, site.flags, site.call)
    for site in (*module.calls(*_THROUGH), *module.calls(*_TREES)):
        if _goes_through(module, site.call.func):
            for given in site.call.args:
                yield from _asked(given, site.scope, site.flags, site.call)
    for items, scope, flags in module.loops:
        yield from _asked(items, scope, flags)


def _goes_through(module: Module, function: ast.expr) -> bool:
    """Whether a function is Python's of that name, or one of django-mptt's."""
    name = module.resolve(function)
    return name in _THROUGH or (name.startswith("mptt.") and name.endswith(_TREES))


def _asked(rows: ast.expr, scope: Scope, flags: int, by: ast.Call | None = None) -> Iterator[Site]:
    """Yield the query that asks for rows, if they are a queryset, or bound to a name as one.

    What a name is bound to is asked where it was built: ``rows = Order.objects.filter(late=True)``,
    and then ``for row in rows`` or ``rows.count()``.
    """
    if is_queryset(rows):
        if call := by or (rows if isinstance(rows, ast.Call) else None):
            yield Site(call, scope, flags)
    elif made := _built(rows, scope):
        yield Site(made, scope, flags)


def _built(rows: ast.AST, scope: Scope) -> ast.Call | None:
    """Return the queryset that a function, in all places, binds to the name a chain begins with."""
    while isinstance(rows, ast.Call | ast.Attribute):
        rows = rows.func if isinstance(rows, ast.Call) else rows.value
    bound = scope.bindings.get(rows.id, ()) if isinstance(rows, ast.Name) else ()
    built = [value for value in bound if isinstance(value, ast.Call) and _is_built(value)]
    return built[0] if built and len(built) == len(bound) else None


def _is_built(call: ast.Call) -> bool:
    """Whether a queryset is only built: what it is asked at once is no queryset."""
    return last_name(call.func) not in EVALUATE and is_queryset(call)


def _of_managers(module: Module) -> Iterator[Site]:
    """Yield the queries that the methods of managers run on their own rows."""
    if b"Manager" not in module.content and b"QuerySet" not in module.content:
        return
    for scope in module.scopes:
        bases = module.bases(scope.owner) if scope.owner else ()
        if scope.kind == "function" and any(b.endswith(("Manager", "QuerySet")) for b in bases):
            for call, flags in scope.calls:
                match call.func:
                    case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in EVALUATE:
                        yield Site(call, scope, flags)


def _picked(module: Module) -> Iterator[Site]:
    """Yield the querysets of which one row is taken: ``Order.objects.all()[0]``."""
    if not _PICKS.search(module.content):
        return
    lines = module.content.splitlines()
    for site in module.calls(*BUILD):
        ends, column = site.call.end_lineno or 0, site.call.end_col_offset or 0
        # In the text of an f-string Python before 3.12 counts lines of its own.
        behind = lines[ends - 1 : ends]
        if behind and _PICKS.match(behind[0], column - 1) and is_queryset(site.call):
            yield site


def speaks_sql(text: str) -> bool:
    """Whether a text, in lower case, may hold a statement that leaves something in a session."""
    return any(word in text and around.search(text) for word, around in SQL.items())
