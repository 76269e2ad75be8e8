"""Decorators of the project's own that keep what a function returned, or apply one of functools."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.memory.lasting import keeps_its_first
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

CACHES = frozenset(
    [
        *("functools.lru_cache", "functools.cache", "methodtools.lru_cache"),
        *("cachetools.func.lfu_cache", "cachetools.func.lru_cache"),
    ]
)
PACKAGES = frozenset(name.partition(".")[0] for name in CACHES)
EXPIRY = re.compile(r"(^|_)(ttl|hash|expir|time|date|version|salt|bucket)|lifetime", re.IGNORECASE)


def memos(module: Module) -> Iterator[tuple[int, str]]:
    """Yield where a decorator keeps a result for ever: the line, and the decorator."""
    for scope in module.scopes:
        if scope.kind == "function" and keeps_its_first(scope):
            yield from _memo(module, scope)
    yield from _applied(module)


def _memo(module: Module, scope: Scope) -> Iterator[tuple[int, str]]:
    """Note where a decorator keeps what the function that it is given returned."""
    wrapped = next(iter(scope.parameters))
    kept = {name for name in scope.bindings if "." not in name}
    if any(EXPIRY.search(name) for name in scope.parameters) or _mentions_time(scope):
        return
    for inner in module.scopes:
        if inner.kind == "function" and inner.parent is scope:
            for node, _ in inner.changes:
                target = node.targets[0] if isinstance(node, ast.Assign) else None
                if not isinstance(node, ast.Assign) or not isinstance(target, ast.Subscript):
                    continue
                if ast.unparse(target.value) not in kept:
                    continue
                result = inner.bindings.get(ast.unparse(node.value), [node.value])
                if any(_calls(part, wrapped) for value in result for part in nodes_of(value)):
                    yield node.lineno, scope.qualname


def _applied(module: Module) -> Iterator[tuple[int, str]]:
    """Note where a decorator of the project's own applies one of these."""
    if module.roots.isdisjoint(PACKAGES) or "cache_clear" in module.mentions:
        return
    for scope in module.scopes:
        if len(scope.parameters) != 1:
            continue
        (wrapped,) = scope.parameters
        for value in scope.returns:
            for node in nodes_of(value):
                if isinstance(node, ast.Call) and _applies(module, node, wrapped):
                    # def cached(size): def decorate(f): return lru_cache(size)(f)
                    yield node.lineno, scope.qualname.partition(".")[0]


def _applies(module: Module, call: ast.Call, wrapped: str) -> bool:
    """Whether ``cache(f)``, or ``lru_cache(maxsize=9)(f)``, is called."""
    made = call.func.func if isinstance(call.func, ast.Call) else call.func
    given = call.args[0] if len(call.args) == 1 else None
    return module.resolve(made) in CACHES and isinstance(given, ast.Name) and given.id == wrapped


def _calls(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) == name


def _mentions_time(scope: Scope) -> bool:
    return any(EXPIRY.search(last_name(node)) for node in nodes_of(scope.node))
