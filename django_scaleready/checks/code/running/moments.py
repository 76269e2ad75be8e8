"""When the code of a file runs, by its own looks: its path, its classes and its decorators."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from django_scaleready.checks.code.running.by_hand import RUNNERS
from django_scaleready.checks.code.summary import Moment
from django_scaleready.checks.code.tree.scopes import MAIN, Scope

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module

TASK_DECORATORS = frozenset(
    [
        *("actor", "app_task", "background", "db_periodic_task", "db_task", "job"),
        *("periodic_task", "shared_task", "task"),
    ]
)
# Decorators of programs that an operator runs.
OPERATORS = ("invoke.", "fabric.", "click.", "typer.", "nox.")
SIGNALS = "django.dispatch.receiver"
_OF_MODELS = "django.db.models.signals."
_CHECKS = frozenset({"django.core.checks.register", "django.core.checks.registry.register"})


def moment_of(module: Module, scope: Scope) -> Moment:
    """Return when a scope's code runs; what nobody calls at start counts as a request's."""
    if module.is_script or scope.flags & MAIN:
        return Moment.COMMAND
    if module.migrates and any("schema_editor" in outer.parameters for outer in scope.outer):
        # What a migration runs, wherever it is written.
        return Moment.COMMAND
    parent = scope.parent
    if parent and scope.kind == "function" and not scope.decorators:
        # The most of them.
        if scope.name in module.connected:
            return Moment.SIGNAL
        if parent is module.top:
            return Moment.REQUEST
        if parent.kind == "class" and parent.parent is module.top:
            return _in_class(module, parent, scope.name)
    functions = [outer for outer in scope.outer if outer.kind == "function"]
    return _of_functions(module, functions) if functions else Moment.IMPORT


def _of_functions(module: Module, functions: list[Scope]) -> Moment:
    for function in functions:
        if found := _declared(module, function):
            return found
    outermost = functions[-1]
    return _in_class(module, outermost.owner, outermost.name) if outermost.owner else Moment.REQUEST


def _in_class(module: Module, owner: Scope, name: str) -> Moment:
    """Return when a method runs, by the class that it is in."""
    bases = module.bases(owner)
    if not bases:
        return Moment.REQUEST
    if name == "ready" and any(base.endswith("AppConfig") for base in bases):
        return Moment.READY
    if any(base.startswith("django.contrib.staticfiles.finders.") for base in bases):
        # collectstatic asks it, when the image is built.
        return Moment.COMMAND
    if any(base.endswith((".Task", "Command")) for base in bases):
        return Moment.TASK if bases[0].endswith(".Task") else Moment.COMMAND
    return Moment.REQUEST


def _declared(module: Module, function: Scope) -> Moment | None:
    """Return when a function runs, if a decorator or a signal's connect() says so."""
    if function.name in module.connected:
        return Moment.SIGNAL
    decorators = module.decorators(function) if function.decorators else ()
    if any(name.startswith(OPERATORS) for name in decorators) or (
        # What only `manage.py check --deploy` asks.
        not _CHECKS.isdisjoint(decorators) and _is_told(function, "deploy")
    ):
        return Moment.COMMAND
    if TASK_DECORATORS.intersection(name.rpartition(".")[2] for name in decorators):
        # The project's own decorator around a runner's.
        own = any(name in module.functions for name in decorators)
        return Moment.COMMAND if own and module.roots & RUNNERS else Moment.TASK
    signalled = SIGNALS in decorators or _is_told_signal(module, function)
    return Moment.SIGNAL if signalled else None


def _is_told_signal(module: Module, function: Scope) -> bool:
    """Whether a decorator of one's own, around Django's, is given a signal of models."""
    calls = (decorator for decorator in function.decorators if isinstance(decorator, ast.Call))
    given = (argument for call in calls for argument in call.args)
    return any(
        isinstance(each, ast.Attribute | ast.Name) and module.resolve(each).startswith(_OF_MODELS)
        for each in given
    )


def _is_told(function: Scope, name: str) -> bool:
    """Whether a decorator is given True for something."""
    return any(getattr(given, "value", None) is True for given in function.told_decorators(name))
