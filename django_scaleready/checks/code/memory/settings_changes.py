"""Containers of Django's settings that a function changes in place, in one process."""

from __future__ import annotations

import ast
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import FILL, Change
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import GUARDED, Scope
from django_scaleready.checks.code.tree.syntax import nodes_of, written

SETTINGS = "django.conf.settings"
_CONTAINERS = (Counter, OrderedDict, defaultdict, deque, list, set)
# What containers can be asked for: of anything else it is a client, and update() a request.
_HAVE = frozenset(name for kind in _CONTAINERS for name in dir(kind))
# When the same is done to those of all processes.
_AT_START = frozenset({Moment.COMMAND, Moment.IMPORT, Moment.READY})


def settings_changes(module: Module) -> dict[str, list[Change]]:
    """Return what is put into the settings' own containers, by the name of the setting.

    ``settings.X["key"] = value``, and ``options = settings.X``, which ``options.update()`` changes.
    """
    found: dict[str, list[Change]] = {}
    if SETTINGS not in module.imports.values():
        return found
    for held, change in _changes(module):
        scope = change.scope
        name = _setting(module, held, scope) if scope.kind == "function" else ""
        if name and module.moment(scope) not in _AT_START:
            found.setdefault(name, []).append(change)
    return found


def _changes(module: Module) -> Iterator[tuple[ast.expr, Change]]:
    """Yield what is changed in place, and with what."""
    for scope in module.scopes:
        for statement, flags in scope.changes:
            if isinstance(statement, ast.Assign) and not flags & GUARDED:
                for target in statement.targets:
                    if isinstance(target, ast.Subscript):
                        values = (statement.value, target.slice)
                        yield target.value, Change(statement, scope, values)
    for site in module.calls_that_run(*FILL):
        function = site.call.func
        if isinstance(function, ast.Attribute):
            if _is_other(function.value, site.scope):
                continue
            given = (*site.call.args, *(keyword.value for keyword in site.call.keywords))
            yield function.value, Change(site.call, site.scope, given)


def _is_other(held: ast.expr, scope: Scope) -> bool:
    """Whether a function asks the same object for what no container has: ``es.indices``."""
    shown = written(held)
    return any(
        isinstance(node, ast.Attribute) and node.attr not in _HAVE and written(node.value) == shown
        for node in nodes_of(scope.node)
    )


def _setting(module: Module, held: ast.expr, scope: Scope) -> str:
    """Return the setting that an expression is, itself or by a name of the function; "" if none."""
    while isinstance(held, ast.Subscript):
        held = held.value
    if isinstance(held, ast.Name):
        # One that is a copy somewhere may be the function's own.
        named = {_written(module, value) for value in scope.bindings.get(held.id, ())}
        return named.pop() if len(named) == 1 else ""
    if any(ast.unparse(held).partition(".")[0] in outer.parameters for outer in scope.outer):
        return ""
    return _written(module, held)


def _written(module: Module, node: ast.expr) -> str:
    """Return the X of ``settings.X`` and ``getattr(settings, "X")``; "" for anything else."""
    dotted = module.resolve(node)
    if isinstance(node, ast.Call) and module.resolve(node.func) == "getattr" and node.args[1:]:
        dotted = f"{module.resolve(node.args[0])}.{getattr(node.args[1], 'value', '')}"
    start, _, name = dotted.rpartition(".")
    return name if start == SETTINGS and name.isupper() else ""


def is_of_object(change: Change) -> bool:
    """Whether a value is one that an object has, and another one of its class has not."""
    first = next(iter(change.scope.parameters), "")
    values = (part for value in change.values for part in ast.walk(value))
    return first == "self" and any(getattr(part, "id", "") == "self" for part in values)
