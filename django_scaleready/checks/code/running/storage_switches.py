"""Branches of the settings that give several storages another class at once, and apps' defaults."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import nodes_of

SWITCHES = "storage-switches"
DEFAULTS = "storage-defaults"
SETTING = "STORAGES"
# What a branch gives a storage that is as local as before.
_LOCAL = ("FileSystemStorage", "InMemoryStorage")


def storage_switches(reading: Reading) -> Iterator[Fact]:
    """Note the aliases that one branch puts elsewhere, where there are several."""
    module = reading.module
    if SETTING.encode() not in module.content:
        return
    for branch in (n for n in module.top.node.body if isinstance(n, ast.If)):  # type: ignore[attr-defined]  # a module
        for body in _bodies(branch):
            aliases = {alias for statement in body for alias in _given(statement)}
            if len(aliases) > 1:
                yield Fact(branch.lineno, "", tuple(sorted(aliases)))


def storage_defaults(reading: Reading) -> Iterator[Fact]:
    """Note the texts that names of storages have, in whatever file: (name, text, None if computed).

    The default of an app may stand in a class, a mapping or a call: ``{"SHOP_STORAGE": "..."}``.
    """
    module = reading.module
    if b"STORAGE" not in module.content:
        return
    for scope in module.all_scopes:
        for name, values in scope.bindings.items():
            if "STORAGE" in name:
                yield from (Fact(0, "", (name, _text(value))) for value in values)
    for node in nodes_of(module.top.node):
        match node:
            case ast.Dict():
                for key, value in zip(node.keys, node.values, strict=True):
                    yield from (
                        Fact(0, "", (n, _text(value))) for n in _texts([key]) if "STORAGE" in n
                    )
            case ast.Call(args=[*_, ast.Constant(str(name)), value]) if "STORAGE" in name:
                yield Fact(0, "", (name, _text(value)))


def _text(value: ast.expr) -> str | None:
    """Return a text, "" for none at all; None if only running the code would tell."""
    return str(value.value or "") if isinstance(value, ast.Constant) else None


def _bodies(branch: ast.If) -> Iterator[Sequence[ast.stmt]]:
    """Yield what a branch does either way, and in what follows ``elif``."""
    yield branch.body
    if len(branch.orelse) == 1 and isinstance(branch.orelse[0], ast.If):
        yield from _bodies(branch.orelse[0])
    else:
        yield branch.orelse


def _given(statement: ast.stmt) -> Iterator[str]:
    """Yield the aliases that a statement gives another class."""
    match statement:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.Dict() as whole) if name == SETTING:
            yield from _entries(whole)
        case ast.Expr(
            value=ast.Call(
                func=ast.Attribute(value=ast.Name(id=name), attr="update"),
                args=[ast.Dict() as more],
            )
        ) if name == SETTING:
            yield from _entries(more)
        case ast.Assign(targets=[ast.Subscript() as entry], value=value) if _is_elsewhere(value):
            # The whole entry, or its BACKEND alone.
            held = entry.value if isinstance(entry.value, ast.Subscript) else entry
            if getattr(held.value, "id", "") == SETTING:
                yield from _texts([held.slice])


def _entries(storages: ast.Dict) -> Iterator[str]:
    pairs = zip(storages.keys, storages.values, strict=True)
    yield from _texts(key for key, value in pairs if _is_elsewhere(value))


def _texts(nodes: Iterable[ast.expr | None]) -> Iterator[str]:
    values = (getattr(node, "value", None) for node in nodes)
    return (value for value in values if isinstance(value, str))


def _is_elsewhere(value: ast.expr) -> bool:
    return not any(word in ast.unparse(value) for word in _LOCAL)
