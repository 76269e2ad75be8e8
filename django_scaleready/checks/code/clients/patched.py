"""A time-out for all that requests sends: its own method, replaced when the process starts."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written

PATCH = "patch"
# The position at which setattr() gets what is set.
VALUE = 2
# Each call ends in one of them.
_METHODS = frozenset(
    [
        *("requests.Session.request", "requests.sessions.Session.request"),
        *("requests.Session.send", "requests.sessions.Session.send"),
        "requests.adapters.HTTPAdapter.send",
    ]
)
_REPLACED = re.compile(rb"\.(?:request|send)\s*=(?!=)|setattr\(")
# What goes over HTTP without requests.
_POOLS = frozenset(["urllib3", *(f"urllib3{at}PoolManager" for at in (".", ".poolmanager."))])
_OTHERS = ("feedparser.", "httpx.", "urllib.", "urllib2.", "urllib3.")


def patches(module: Module) -> Iterator[Fact]:
    """Note where requests' own method is replaced by one that gives a time-out."""
    if "requests" not in module.roots or b"timeout" not in module.content:
        return
    if not _REPLACED.search(module.content):
        return
    for node in nodes_of(module.top.node):
        found = _replaced(module, node)
        if found and isinstance(node, ast.stmt | ast.expr):
            scope = _around(module, node.lineno)
            if _gives_timeout(module, found, scope):
                yield Fact(node.lineno, scope.function, (PATCH,))


def _replaced(module: Module, node: ast.AST) -> ast.expr | None:
    """Return what a statement puts in the place of one of the methods."""
    if isinstance(node, ast.Assign):
        return node.value if any(module.resolve(t) in _METHODS for t in node.targets) else None
    if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "setattr":
        owner, name = node.args[:2] if len(node.args) > VALUE else (None, None)
        if owner is not None and isinstance(name, ast.Constant) and isinstance(name.value, str):
            replaced = f"{module.resolve(owner)}.{name.value}" in _METHODS
            return node.args[VALUE] if replaced else None
    return None


def _around(module: Module, line: int) -> Scope:
    """Return the innermost function around a line, or the module."""
    inside = [
        scope
        for scope in module.scopes
        if scope.kind == "function"
        if scope.line <= line <= getattr(scope.node, "end_lineno", 0)
    ]
    return max(inside, key=lambda scope: scope.line, default=module.top)


def _gives_timeout(module: Module, value: ast.expr, scope: Scope) -> bool:
    if isinstance(value, ast.Call):
        # functools.partialmethod(Session.request, timeout=10), or a decorator of that name.
        given = [k.value for k in value.keywords if k.arg == "timeout"]
        return written(given[0]) != "None" if given else "timeout" in written(value).lower()
    if isinstance(value, ast.Lambda):
        return "timeout" in written(value)
    name = written(value)
    own = (each for each in module.scopes if each.kind == "function" and each.name == name)
    around = list(scope.outer)
    nodes = (each.node for each in own if each.parent in around)
    return any(isinstance(n, ast.stmt) and b"timeout" in module.text_of(n) for n in nodes)


def is_of_requests(source: Summary, shown: str) -> bool:
    """Whether a call that is shown so goes through requests."""
    # What else urllib3 has, for instance Retry, is made for requests' own adapter.
    over_urllib3 = any(name in _POOLS for name in source.imported)
    by_name = shown.startswith("requests.") or not over_urllib3
    return bool(shown) and by_name and not shown.startswith(_OTHERS)
