"""Threads that only answer: servers and tunnels, and what each connection to one of them gets."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.threads.thread_work import own_function, work_of
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

SERVING = "serving"
_FOREVER = "serve_forever"
_ACCEPTS = "accept"
# What has connections to accept: anybody may call a method so, of an invitation.
_CONNECTED = frozenset({"paramiko", "socket"})


def serves(module: Module, site: Site) -> bool:
    """Whether a thread only answers, as a server does: it is ``serve_forever``, or ends with it."""
    work = work_of(site.call)
    if isinstance(work, ast.Attribute) and work.attr == _FOREVER:
        return True
    called = own_function(module, work, site.scope)
    return called is not None and called in _servers(module)


def serving(module: Module) -> Iterator[Fact]:
    """Note the functions that do not end, because they serve, by their dotted names."""
    for scope in _servers(module):
        yield Fact(scope.line, "", ("", 0, SERVING, f"{module.name}.{scope.qualname}"))


def imported_work(module: Module, site: Site) -> tuple[str, ...]:
    """Return the dotted name of a function of another file that a thread is to run, if it is."""
    work = work_of(site.call)
    name = module.resolve(work) if isinstance(work, ast.Attribute | ast.Name) else ""
    return (name,) if name.partition(".")[0] in module.roots else ()


def is_of_connection(module: Module, site: Site) -> bool:
    """Whether a thread is handed a connection that was accepted: both end with the other side's."""
    if module.roots.isdisjoint(_CONNECTED):
        return False
    bound = site.scope.bindings.items()
    accepted = {name for name, values in bound if any(map(_is_accepted, values))}
    work = work_of(site.call)
    given = (*site.call.args, *(k.value for k in site.call.keywords))
    names = (n for value in given if value is not work for n in nodes_of(value))
    return any(isinstance(n, ast.Name) and n.id in accepted for n in names)


def _is_accepted(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == _ACCEPTS


def _servers(module: Module) -> list[Scope]:
    """Return the functions that end by serving, and those that end by calling one of these."""
    if not {_FOREVER, _ACCEPTS} & module.mentions:
        return []
    # Methods and functions within others, too: each scope is there once.
    left = [scope for scope in module.scopes if scope.kind == "function"]
    found: list[Scope] = []
    before = -1
    while len(found) > before:
        before = len(found)
        found += [scope for scope in left if _ends_so(module, scope, found)]
        left = [scope for scope in left if scope not in found]
    return found


def _ends_so(module: Module, scope: Scope, known: list[Scope]) -> bool:
    last: ast.AST | None = scope.node
    while isinstance(last, ast.FunctionDef | ast.With | ast.Try):
        last = last.body[-1]
    if isinstance(last, ast.While):
        return _takes_connections(module, last)
    call = last.value if isinstance(last, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    own = own_function(module, call.func, scope) if known else None
    return last_name(call.func) == _FOREVER or own in known


def _takes_connections(module: Module, loop: ast.While) -> bool:
    """Whether a loop without an end takes one connection after the other."""
    endless = isinstance(loop.test, ast.Constant) and bool(loop.test.value)
    assigned = (n.value for n in loop.body if isinstance(n, ast.Assign))
    return endless and not module.roots.isdisjoint(_CONNECTED) and any(map(_is_accepted, assigned))
