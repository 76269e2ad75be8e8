"""Module-level containers: who changes them, and whether what goes in comes from outside."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from django_scaleready.checks.database_calls import is_queryset
from django_scaleready.checks.http import http_call
from django_scaleready.checks.project import Project
from django_scaleready.checks.reach import called
from django_scaleready.checks.scope import bindings, body_nodes, parameters
from django_scaleready.checks.source import Function, Source

MAKERS = frozenset(
    {
        "collections.Counter",
        "collections.OrderedDict",
        "collections.defaultdict",
        "collections.deque",
        "dict",
        "list",
        "set",
    }
)
FILL = frozenset({"add", "append", "appendleft", "extend", "insert", "setdefault", "update"})
CLEAR = frozenset({"clear", "discard", "pop", "popitem", "remove"})
SHORTCUTS = frozenset({"django.shortcuts.get_object_or_404", "django.shortcuts.get_list_or_404"})


@dataclass(frozen=True, slots=True)
class Mutation:
    """A place inside a function that changes a container; no values where it only removes."""

    node: ast.AST
    values: tuple[ast.expr, ...]


def containers(source: Source) -> dict[str, ast.stmt]:
    """Return the names that the module binds to a mutable container, with their definitions."""
    found: dict[str, ast.stmt] = {}
    for node in source.tree.body:
        if isinstance(node, ast.Assign):
            targets, value = node.targets, node.value
        elif isinstance(node, ast.AnnAssign) and node.value:
            targets, value = [node.target], node.value
        else:
            continue
        if _is_container(source, value):
            found |= {target.id: node for target in targets if isinstance(target, ast.Name)}
    return found


def _is_container(source: Source, value: ast.expr) -> bool:
    if isinstance(value, ast.Call):
        return source.resolve(value.func) in MAKERS
    return isinstance(value, ast.Dict | ast.List | ast.Set)


def mutations(source: Source, name: str) -> Iterator[Mutation]:
    """Yield the places in functions where a module's container is changed."""
    for node in source.nodes:
        mutation = _mutation(node, name)
        function = source.function_of(node) if mutation else None
        if mutation and function and not _is_local(source, function, name):
            yield mutation


def _mutation(node: ast.AST, name: str) -> Mutation | None:
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            if isinstance(target, ast.Subscript) and _base(target) == name:
                return Mutation(node, (node.value,))
    if isinstance(node, ast.Delete) and any(
        isinstance(target, ast.Subscript) and _base(target) == name for target in node.targets
    ):
        return Mutation(node, ())
    return _method(node, name) if isinstance(node, ast.Call) else None


def _method(call: ast.Call, name: str) -> Mutation | None:
    method = call.func
    if not isinstance(method, ast.Attribute) or _base(method.value) != name:
        return None
    values = (*call.args, *(keyword.value for keyword in call.keywords))
    if method.attr in FILL:
        return Mutation(call, values)
    return Mutation(call, ()) if method.attr in CLEAR else None


def _base(node: ast.expr) -> str:
    """Return the name that a chain of subscripts begins with: X[a][b] -> X."""
    while isinstance(node, ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_local(source: Source, function: Function, name: str) -> bool:
    functions = [o for o in [function, *source.above(function)] if isinstance(o, Function)]
    for outer in functions:
        declared = [node.names for node in body_nodes(outer) if isinstance(node, ast.Global)]
        bound = {bound for bound, _ in bindings(outer)} - set().union(*declared)
        if name in bound | parameters(outer).keys():
            return True
    return False


def from_outside(project: Project, source: Source, mutation: Mutation) -> bool:
    """Whether a value that goes in comes from the database, a request or another host."""
    function = source.function_of(mutation.node)
    if function is None:
        return False
    tainted = _tainted_names(project, source, function)
    return any(_is_outside(project, source, value, tainted) for value in mutation.values)


def _tainted_names(project: Project, source: Source, function: Function) -> set[str]:
    tainted = {"request", "self.request"} & {*parameters(function), "self.request"}
    before = -1
    while len(tainted) > before:
        before = len(tainted)
        for name, value in bindings(function):
            if _is_outside(project, source, value, tainted):
                tainted.add(name)
    return tainted


def _is_outside(project: Project, source: Source, value: ast.expr, tainted: set[str]) -> bool:
    for node in ast.walk(value):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node) in tainted:
            return True
        if isinstance(node, ast.Call) and (
            _is_outside_call(source, node) or _wraps_outside(project, source, node)
        ):
            return True
    return False


def _is_outside_call(source: Source, call: ast.Call) -> bool:
    return (
        is_queryset(call)
        or source.resolve(call.func) in SHORTCUTS
        or http_call(source, call) is not None
    )


def _wraps_outside(project: Project, source: Source, call: ast.Call) -> bool:
    """Whether the project's own function, one step down, asks the database or another host."""
    target = called(project.sources, source, call)
    if target is None:
        return False
    inside = (node for node in body_nodes(target[1]) if isinstance(node, ast.Call))
    return any(_is_outside_call(target[0], node) for node in inside)
