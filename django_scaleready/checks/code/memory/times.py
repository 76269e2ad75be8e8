"""Whether what is kept goes by a clock: entries that expire, and the times of requests."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable

from django_scaleready.checks.code.memory.containers import Change
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

CLOCKS = frozenset(
    {
        "datetime.datetime.now",
        "django.utils.timezone.now",
        "time.monotonic",
        "time.perf_counter",
        "time.time",
    }
)
# What one of them is imported by.
_KEEPS_TIME = re.compile(r"(datetime|time|django\.utils(\.timezone)?)(\.|$)").match


def expires(module: Module, uses: Iterable[Change]) -> bool:
    """Whether a function keeps the time with the values, or judges by it what is kept."""
    if not any(map(_KEEPS_TIME, module.imports.values())):
        return False
    by_scope: dict[Scope, list[Change]] = {}
    for use in uses:
        if not is_timeline(module, use):
            by_scope.setdefault(use.scope, []).append(use)
    return any(_goes_by_clock(module, alike) for alike in by_scope.values())


def _goes_by_clock(module: Module, uses: list[Change]) -> bool:
    """Whether it is so of the changes in one function."""
    is_time = _clock(module, uses[0])

    def holds(node: ast.AST) -> bool:
        return any(is_time(part) for part in nodes_of(node))

    if any(holds(value) for use in uses for value in use.values):
        return True
    functions = [scope for scope in uses[0].scope.outer if scope.kind == "function"]
    nodes = nodes_of(functions[-1].node) if functions else ()
    return any(holds(node) for node in nodes if isinstance(node, ast.Compare))


def is_time_of(module: Module, use: Change) -> bool:
    """Whether the time alone is kept under a key: when something was last done.

    Beside a value under the same key it says how old that is.
    """
    if not isinstance(use.node, ast.Assign) or len(use.keys) != 1:
        return False
    value, name = use.values[0], getattr(use.values[0], "id", "")
    bound = [value for scope in use.scope.outer for value in scope.bindings.get(name, ())]
    if not all(
        isinstance(node, ast.Call) and module.resolve(node.func) in CLOCKS
        for node in bound or [value]
    ):
        return False
    key = ast.unparse(use.keys[0])
    beside = (node for node, _ in use.scope.changes if node is not use.node)
    return not any(
        isinstance(target, ast.Subscript) and ast.unparse(target.slice) == key
        for node in beside
        for target in getattr(node, "targets", ())
    )


def is_timeline(module: Module, use: Change) -> bool:
    """Whether times alone are kept: those of requests, mostly, to count them."""
    called = use.node.func if isinstance(use.node, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr not in {"append", "appendleft"}:
        return False
    return any(map(_clock(module, use), use.values))


def _clock(module: Module, use: Change) -> Callable[[ast.AST], bool]:
    """Return what tells whether an expression is the time, as it is read in a function."""

    def reads(node: ast.AST) -> bool:
        return isinstance(node, ast.Call) and module.resolve(node.func) in CLOCKS

    names = {
        name
        for scope in use.scope.outer
        if scope.kind == "function"
        for name, values in scope.bindings.items()
        if any(reads(node) for value in values for node in nodes_of(value))
    }
    return lambda node: reads(node) or (isinstance(node, ast.Name) and node.id in names)
