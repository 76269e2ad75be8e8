"""Decorators of the project's own that give a function a ``delay()``, and send no task too early.

It runs in the process that calls it, or PostgreSQL tells of it when the transaction is committed:
``NOTIFY`` on the connection that is in it waits for that, and is dropped with it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tasks.sends import OF_TASKS, SENDS
from django_scaleready.checks.code.threads.thread_work import own_function
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key

# As facts: such a decorator, with what it notifies by, and what gives Django's own connection.
OWN, GIVES = "own", "gives"

# What another file calls so may hand it to a queue.
_HANDS_ON = re.compile(r"broker|enqueue|job|publish|queue|send|task", re.IGNORECASE)
_NOTIFIES = re.compile(rb"\bpg_notify\(|['\"]\s*NOTIFY\s")
_NOTIFY = "notify"
_CONNECTION = "django.db.connection"
_CLIENTS = ("asyncpg.", "psycopg.", "psycopg2.")


def own_delays(module: Module) -> Iterator[Fact]:
    """Note the decorators that send no task too early, and what gives Django's connection."""
    if not any(name.encode() in module.content for name in (*OF_TASKS, _NOTIFY)):
        return
    for scope in _without_queue(module):
        yield Fact(scope.line, scope.qualname, (OWN, ""))
    for scope in module.scopes if _NOTIFY in module.mentions else ():
        if scope.parent is module.top and _defines(module, scope):
            for dotted in sorted(_notified_by(module, scope)):
                last = ".__init__" if scope.kind == "class" else ""
                yield Fact(scope.line, f"{scope.qualname}{last}", (OWN, dotted))
    if _NOTIFIES.search(module.content):
        for scope in module.functions.values():
            if scope.parent is module.top and _gives_djangos(module, scope):
                yield Fact(scope.line, scope.qualname, (GIVES, ""))


def own_decorators(code: Codebase, slug: str) -> frozenset[Key]:
    """Return the decorators that send no task too early, as the facts of a rule have them."""
    facts = [(source.path, fact) for source, fact in code.facts(slug)]
    giving = {(path, fact.function) for path, fact in facts if fact.data[0] == GIVES}

    def waits(dotted: str) -> bool:
        found = code.function(dotted)
        return found is not None and (found[0].path, found[1]) in giving

    decorators = (
        (path, fact.function, fact.data[1]) for path, fact in facts if fact.data[0] == OWN
    )
    return frozenset((path, name) for path, name, by in decorators if not by or waits(by))


def _defines(module: Module, scope: Scope) -> bool:
    """Whether a class or a function that decorates defines what is called ``delay``."""
    inner = (each for each in module.functions.values() if scope in each.outer)
    return any(each.name in OF_TASKS for each in inner)


def _notified_by(module: Module, scope: Scope) -> set[str]:
    """Return what makes the object of a block that notifies: ``with bus() as it: it.notify(x)``.

    What it is given may have it make another one.
    """
    found = set()
    for block in nodes_of(scope.node):
        for item in block.items if isinstance(block, ast.With) else ():
            match item:
                case ast.withitem(ast.Call(func=made, args=[], keywords=[]), ast.Name(name)):
                    called = (n.func for n in nodes_of(block) if isinstance(n, ast.Call))
                    if f"{name}.{_NOTIFY}" in map(written, called):
                        found.add(module.qualified(made, scope))
    return found


def _gives_djangos(module: Module, scope: Scope) -> bool:
    """Whether a function that is given nothing takes Django's own connection, and makes none."""
    nodes = [node for part in _taken(scope) for node in nodes_of(part)]
    named = (n for n in nodes if isinstance(n, ast.Name | ast.Attribute))
    if not any(module.resolve(node) == _CONNECTION for node in named):
        return False
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    own = (own_function(module, called, scope) for called in calls)
    inside = (n for each in own if each for n in nodes_of(each.node) if isinstance(n, ast.Call))
    made = (*calls, *(node.func for node in inside))
    return not any(module.resolve(called).startswith(_CLIENTS) for called in made)


def _taken(scope: Scope) -> Iterator[ast.stmt]:
    """Yield the statements of a function that run if it is given nothing."""
    for statement in getattr(scope.node, "body", ()):
        match statement:
            case ast.If(test=ast.Name(name)) if isinstance(
                given := scope.parameters.get(name), ast.Constant
            ):
                yield from statement.body if given.value else statement.orelse
            case _:
                yield statement


def _without_queue(module: Module) -> Iterator[Scope]:
    """Yield the decorators that set ``function.delay = ...`` themselves, and hand it to no queue.

    What is sent so runs in the process that sends it.
    """
    for scope in module.scopes:
        if scope.kind == "function" and scope.binds_attributes and _gives(scope):
            decorator = [outer for outer in scope.outer if outer.kind == "function"][-1]
            if decorator.parent is module.top and not _hands_on(module, decorator):
                yield decorator


def _gives(scope: Scope) -> bool:
    return any(name.rpartition(".")[2] in OF_TASKS for name in scope.bindings if "." in name)


def _hands_on(module: Module, decorator: Scope) -> bool:
    """Whether a function, or another one of the file that it calls, may send a task."""
    reached = [decorator]
    for function in reached:
        inner = [scope for scope in module.scopes if function in scope.outer]
        for scope in inner:
            for call, _ in scope.calls:
                own = own_function(module, call.func, scope)
                if own is None and _HANDS_ON.search(last_name(call.func)):
                    return True
                if own and own not in inner and own not in reached:
                    reached.append(own)
        if any(_sends(node) for node in nodes_of(function.node)):
            return True
    return False


def _sends(node: ast.AST) -> bool:
    """Whether a task's method is named, to call it or to hand it on."""
    named = isinstance(node, ast.Attribute) and node.attr in SENDS
    return named and isinstance(getattr(node, "ctx", None), ast.Load)
