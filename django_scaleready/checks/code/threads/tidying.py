"""Threads that only drop what their own process keeps in memory: no work is lost with one."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.threads.kept_alive import LOGS, PAUSES
from django_scaleready.checks.code.threads.thread_work import own_function
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import nodes_of

_DROPS = frozenset({"clear", "discard", "pop", "popitem", "popleft", "remove"})
# What is dropped is ended, too: an idle client, a connection.
_ENDS = frozenset({"cancel", "close", "disconnect", "quit", "shutdown", "stop"})
_LOOKS = frozenset({"acquire", "copy", "get", "is_set", "items", "keys", "release", "values"})
_KNOWN = frozenset(
    [
        *("any", "dict", "enumerate", "float", "getattr", "hasattr", "int", "isinstance", "len"),
        *("list", "max", "min", "next", "reversed", "set", "sorted", "str", "tuple"),
    ]
)
_CLOCKS = ("time.", "datetime.", "django.utils.timezone.", "logging.")


def only_tidies_up(module: Module, site: Site) -> bool:
    """Whether a thread waits in a loop, drops entries of containers, and does nothing else."""
    for given in (*site.call.args[:1], *(k.value for k in site.call.keywords if k.arg == "target")):
        work = own_function(module, given, site.scope)
        loop = getattr(work.node, "body", [None])[-1] if work else None
        if work and isinstance(loop, ast.While) and not PAUSES.isdisjoint(map(_last, _calls(loop))):
            return _drops_alone(module, work)
    return False


def _drops_alone(module: Module, work: Scope) -> bool:
    """Whether a function, and those of its own that it calls, do no more than drop entries."""
    reached, drops = [work], False
    for scope in reached:
        drops = drops or any(isinstance(node, ast.Delete) for node, _ in scope.changes)
        for call in _calls(scope.node):
            own = own_function(module, call.func, scope)
            if own is None and not _is_harmless(module, call):
                return False
            drops = drops or (own is None and _last(call) in _DROPS)
            if own and own not in reached:
                reached.append(own)
    return drops


def _is_harmless(module: Module, call: ast.Call) -> bool:
    name = module.resolve(call.func)
    if name.partition(".")[0] in module.roots:
        return name.startswith(_CLOCKS)
    if isinstance(call.func, ast.Name):
        return name in _KNOWN
    return _last(call) in _DROPS | _ENDS | _LOOKS | LOGS | PAUSES


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (inner for inner in nodes_of(node) if isinstance(inner, ast.Call))


def _last(call: ast.Call) -> str:
    return getattr(call.func, "attr", "")
