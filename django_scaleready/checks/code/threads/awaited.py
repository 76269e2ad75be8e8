"""Threads whose end a function waits for by an event: ``done.wait(timeout=5)``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.threads.thread_work import own_function, work_of
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import written

_EVENTS = frozenset({"multiprocessing.Event", "threading.Event"})
# Where they stand without a name: Thread(group, target, name, args).
_ARGS = 3


def is_awaited_by_event(module: Module, site: Site) -> bool:
    """Whether a function waits for an event of its own, which is the last that its thread sets."""
    waited = _waited(module, site) if "Event" in module.mentions else set()
    work = own_function(module, work_of(site.call), site.scope) if waited else None
    if work is None:
        return False
    given = [k.value for k in site.call.keywords if k.arg == "args"] or site.call.args[
        _ARGS : _ARGS + 1
    ]
    handed = given[0].elts if given and isinstance(given[0], ast.Tuple | ast.List) else []
    parameters = [name for name in work.parameters if name not in {"cls", "self"}]
    pairs = zip(parameters, handed, strict=False)
    known = {name for name, value in pairs if written(value) in waited}
    known |= {name for name in waited if site.scope in work.outer} - {*work.parameters}
    return _last_set(work) in known


def _waited(module: Module, site: Site) -> set[str]:
    """Return the events that a function makes, and waits for below a call."""
    waits = {
        written(other.call.func.value)
        for other in module.calls("wait")
        if other.scope is site.scope
        and other.line > site.line
        and isinstance(other.call.func, ast.Attribute)
    }
    return {
        name
        for name, values in site.scope.bindings.items()
        if name in waits
        if any(isinstance(v, ast.Call) and module.resolve(v.func) in _EVENTS for v in values)
    }


def _last_set(work: Scope) -> str:
    """Return the event that a function sets as it ends, "" if it does more after that."""
    last: ast.AST | None = work.node
    while last is not None and not isinstance(last, ast.Expr):
        last = next(_ends(last), None)
    called = last.value.func if last and isinstance(last.value, ast.Call) else None
    if not isinstance(called, ast.Attribute) or called.attr != "set":
        return ""
    return written(called.value)


def _ends(node: ast.AST) -> Iterator[ast.stmt]:
    """Yield the statement with which one ends that has others in it."""
    if isinstance(node, ast.Try) and node.finalbody:
        yield node.finalbody[-1]
    elif isinstance(node, ast.FunctionDef | ast.With):
        yield node.body[-1]
