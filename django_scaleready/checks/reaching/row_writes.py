"""Whether a function that names a model writes its rows, and not only those of another one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.loading.again import tree_of
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

if TYPE_CHECKING:
    from pathlib import Path

    from django_scaleready.checks.code.codebase import Codebase

# What is said where rows are made, changed or removed, or handed to what does so.
WRITES = frozenset(
    [
        *(".abulk_create", ".acreate", ".add", ".adelete", ".aget_or_create", ".asave"),
        *(".aupdate", ".aupdate_or_create", ".bulk_create", ".bulk_update", ".create", ".delete"),
        *(".get_or_create", ".save", ".update", ".update_or_create"),
    ]
)
_ATTRIBUTES = frozenset(word.removeprefix(".") for word in WRITES)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# What is given a model, or a row, and does no more than read it.
_READ = frozenset(
    [
        *("Count", "Exists", "OuterRef", "Prefetch", "Q", "Subquery", "aget", "all", "any"),
        *("append", "bool", "debug", "dict", "error", "exclude", "filter", "first", "format"),
        *("get", "get_list_or_404", "get_object_or_404", "getattr", "hasattr", "info", "int"),
        *("isinstance", "issubclass", "len", "list", "max", "min", "print", "set", "sorted"),
        *("str", "sum", "tuple", "type", "values", "values_list", "warning"),
    ]
)


def writes(code: Codebase, root: Path, path: str, place: str, model: str) -> bool:
    """Whether a function writes rows of a model that it names, or hands them to who knows whom."""
    return code.once(_writes, root, path, place, model)


def _writes(code: Codebase, root: Path, path: str, place: str, model: str) -> bool:
    if model in place.split("."):
        # What a model's own methods write is their row.
        return True
    tree = tree_of(code, root, path)
    functions = list(_found(tree, place.split("."))) if tree else []
    return not functions or any(_does(function, model) for function in functions)


def _found(node: ast.AST, names: list[str]) -> Iterator[ast.AST]:
    """Yield the functions of a qualified name, wherever in a file they stand."""
    scopes = (*_FUNCTIONS, ast.ClassDef)
    pending = [*ast.iter_child_nodes(node)]
    for inner in pending:
        if not isinstance(inner, scopes):
            pending += ast.iter_child_nodes(inner)
        elif inner.name == names[0]:
            yield from _found(inner, names[1:]) if names[1:] else (inner,)


def _does(function: ast.AST, model: str) -> bool:
    if any(_is_asked_for(node, model) for node in nodes_of(function)):
        return True
    rows = _names(function, model)
    calls = (node for node in nodes_of(function) if isinstance(node, ast.Call))
    return any(_is_write(call, model, rows) for call in calls)


def _is_asked_for(node: ast.AST, model: str) -> bool:
    """Whether a function is given a model's name: ``apps.get_model("shop", "Order")``."""
    given = (*node.args, *(k.value for k in node.keywords)) if isinstance(node, ast.Call) else ()
    texts = (each.value for each in given if isinstance(each, ast.Constant))
    return any(isinstance(text, str) and text.rpartition(".")[2] == model for text in texts)


def _names(function: ast.AST, model: str) -> frozenset[str]:
    """Return the variables that may hold the model, or its rows."""
    bound = [*_bound(function)]
    found: frozenset[str] = frozenset({model})
    while True:
        more = found.union(
            target
            for target, value in bound
            if any(last_name(node) in found for node in nodes_of(value))
        )
        if more == found:
            return found
        found = more


def _bound(function: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    yield from _told(function)
    for node in nodes_of(function):
        targets: list[ast.expr] = []
        value: ast.AST | None = getattr(node, "value", None)
        match node:
            case ast.Assign():
                targets = node.targets
            case ast.AnnAssign() | ast.AugAssign() | ast.NamedExpr():
                targets = [node.target]
            case ast.For() | ast.AsyncFor() | ast.comprehension():
                targets, value = [node.target], node.iter
            case ast.withitem(optional_vars=ast.expr() as target):
                targets, value = [target], node.context_expr
        for name in (name for target in targets for name in _targets(target)):
            if value is not None:
                yield name, value


def _targets(target: ast.expr) -> Iterator[str]:
    """Yield the variables that are given something: ``a, b[1] = ...``, and not that of ``c.d``."""
    match target:
        case ast.Name(id=name):
            yield name
        case ast.Tuple(elts=inner) | ast.List(elts=inner):
            for each in inner:
                yield from _targets(each)
        case ast.Starred(value=held) | ast.Subscript(value=held):
            yield from _targets(held)


def _told(function: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the parameters, with what tells of which model they are: annotations, decorators."""
    for node in nodes_of(function):
        if isinstance(node, _FUNCTIONS):
            for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs):
                said = (*node.decorator_list, argument.annotation)
                yield from ((argument.arg, each) for each in said if each is not None)
        elif isinstance(node, ast.Call) and last_name(node.func) == "isinstance":
            yield from ((last_name(node.args[0]), each) for each in node.args[1:])


def _is_write(call: ast.Call, model: str, rows: frozenset[str]) -> bool:
    """Whether a call makes a row, writes some, or is handed one and may do anything with it."""
    name = last_name(call.func)
    if name == model:
        return True
    if isinstance(call.func, ast.Attribute) and name in _ATTRIBUTES:
        links = [*_links(call.func.value)]
        return not rows.isdisjoint(links) or any(_is_after(link, model) for link in links)
    given = (*call.args, *(keyword.value for keyword in call.keywords))
    return name not in _READ and any(
        last_name(each.value if isinstance(each, ast.Starred) else each) in rows for each in given
    )


def _is_after(name: str, model: str) -> bool:
    """Whether a name is a model's: ``order.price_lists.create()`` makes a PriceList."""
    plain = name.replace("_", "").lower()
    return plain.removesuffix("set").removesuffix("s") == model.lower().removesuffix("s")


def _links(node: ast.expr) -> Iterator[str]:
    """Yield the names of a chain: of ``shop.models.Order.objects.filter(of=Person)`` no Person."""
    while True:
        match node:
            case ast.Call(func=inner) | ast.Subscript(value=inner) | ast.Await(value=inner):
                node = inner
            case ast.Attribute(value=inner, attr=attr):
                yield attr
                node = inner
            case ast.Name(id=name):
                yield name
                return
            case _:
                return
