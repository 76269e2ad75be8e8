"""When the code of a file runs, by its own looks: its path, its classes and its decorators."""

from __future__ import annotations

import ast
from functools import cached_property
from typing import TYPE_CHECKING

from django_scaleready.checks.code.by_hand import RUNNERS
from django_scaleready.checks.code.scopes import MAIN, Scope
from django_scaleready.checks.code.summary import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.module import Module

TASK_DECORATORS = frozenset(
    [
        *("actor", "app_task", "background", "db_periodic_task", "db_task", "job"),
        *("periodic_task", "shared_task", "task"),
    ]
)
# Decorators of programs that an operator runs.
OPERATORS = ("invoke.", "fabric.", "click.", "typer.", "nox.")
SIGNALS = "django.dispatch.receiver"


class Moments:
    """Tells when each scope of a file runs."""

    def __init__(self, module: Module) -> None:
        """Take the file, to be asked once it is walked."""
        self._module = module
        self._found: dict[Scope, Moment] = {}

    def of(self, scope: Scope) -> Moment:
        """Return when a scope's code runs; what nobody calls at start counts as a request's."""
        if scope not in self._found:
            self._found[scope] = self._find(scope)
        return self._found[scope]

    def _find(self, scope: Scope) -> Moment:
        if self._module.is_script or scope.flags & MAIN:
            return Moment.COMMAND
        if self._migrates and any("schema_editor" in outer.parameters for outer in scope.outer):
            # What a migration runs, wherever it is written.
            return Moment.COMMAND
        parent = scope.parent
        if parent and scope.kind == "function" and not scope.decorators:
            # The most of them.
            if scope.name in self._connected:
                return Moment.SIGNAL
            if parent is self._module.top:
                return Moment.REQUEST
            if parent.kind == "class" and parent.parent is self._module.top:
                return self._in_class(parent, scope.name)
        functions = [outer for outer in scope.outer if outer.kind == "function"]
        return self._of_functions(functions) if functions else Moment.IMPORT

    def _of_functions(self, functions: list[Scope]) -> Moment:
        for function in functions:
            if found := self._declared(function):
                return found
        outermost = functions[-1]
        return (
            self._in_class(outermost.owner, outermost.name) if outermost.owner else Moment.REQUEST
        )

    def _in_class(self, owner: Scope, name: str) -> Moment:
        """Return when a method runs, by the class that it is in."""
        bases = self._module.bases(owner)
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

    def _declared(self, function: Scope) -> Moment | None:
        """Return when a function runs, if a decorator or a signal's connect() says so."""
        if function.name in self._connected:
            return Moment.SIGNAL
        decorators = self._module.decorators(function) if function.decorators else ()
        if any(name.startswith(OPERATORS) for name in decorators):
            return Moment.COMMAND
        if TASK_DECORATORS.intersection(name.rpartition(".")[2] for name in decorators):
            # The project's own decorator around a runner's.
            own = any(name in self._module.functions for name in decorators)
            return Moment.COMMAND if own and self._module.roots & RUNNERS else Moment.TASK
        return Moment.SIGNAL if SIGNALS in decorators else None

    @cached_property
    def _migrates(self) -> bool:
        return b"schema_editor" in self._module.content

    @cached_property
    def _connected(self) -> set[str]:
        """The names of functions that are connected to a signal here."""
        found: set[str] = set()
        for site in self._module.calls("connect"):
            for argument in site.call.args[:1]:
                if isinstance(argument, ast.Name | ast.Attribute):
                    found.add(self._module.resolve(argument).rpartition(".")[2])
        return found
