"""Decorators of the project's own that give a function a ``delay()``, and send no task."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.module import Module
from django_scaleready.checks.code.scopes import Scope
from django_scaleready.checks.code.sends import OF_TASKS, SENDS
from django_scaleready.checks.code.syntax import last_name, nodes_of
from django_scaleready.checks.code.thread_work import own_function

# What another file calls so may hand it to a queue.
_HANDS_ON = re.compile(r"broker|enqueue|job|publish|queue|send|task", re.IGNORECASE)


def own_delays(module: Module) -> Iterator[Scope]:
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
