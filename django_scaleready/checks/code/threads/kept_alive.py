"""Loops that only keep the connections of their own process alive: no work is lost with one."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site

_ALIVE = re.compile(r"heart_?beat|keep_?alive|(?<![a-z])ping(?![a-z])", re.IGNORECASE)
LOGS = frozenset(
    {"critical", "debug", "error", "exception", "info", "log", "print", "warn", "warning"}
)
PAUSES = frozenset({"sleep", "wait"})


def keeps_alive(module: Module, site: Site) -> bool:
    """Whether a method of the object that starts it sends one thing again and again, to stay.

    Its code is a loop that waits and calls one method of the object, and says what for.
    """
    return any(_is_beat(each) for each in _methods(module, site))


def _methods(module: Module, site: Site) -> Iterator[Scope]:
    """Yield the methods of the same object that a call is given: self.beat, self.beat()."""
    given = [*site.call.args[:1], *(k.value for k in site.call.keywords if k.arg == "target")]
    for each in given:
        work = each.func if isinstance(each, ast.Call) else each
        for scope in module.scopes:
            named = isinstance(work, ast.Attribute) and ast.unparse(work) == f"self.{scope.name}"
            if named and scope.kind == "function" and scope.parent is site.scope.owner:
                yield scope


def _is_beat(method: Scope) -> bool:
    loop = getattr(method.node, "body", [None])[-1]
    if not isinstance(loop, ast.While) or not _ALIVE.search(ast.unparse(loop)):
        return False
    calls = [call.func for call in _calls(loop) if isinstance(call.func, ast.Attribute)]
    own = [f for f in calls if isinstance(f.value, ast.Name) and f.value.id == "self"]
    return len(own) == 1 and any(function.attr in PAUSES for function in calls)


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    """Yield the calls in a statement, those left out that only say something in a log."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, ast.Call):
            name = getattr(inner.func, "attr", getattr(inner.func, "id", ""))
            if name in LOGS:
                continue
            yield inner
        yield from _calls(inner)
