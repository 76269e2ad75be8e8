"""Whether a call of a project's own function hands it a time-out."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.clients.http import NO, PERHAPS, bounded, of_parameter
from django_scaleready.checks.code.tree.scopes import Scope

_NAME = "timeout"


def passed_on(call: ast.Call, scope: Scope) -> int:
    """Return whether one is given, by its name or as what the caller has for it: see ``bounded``.

    What else stands at its place is for who knows the function's parameters.
    """
    found = bounded(call, scope) if call.keywords else NO
    # Asked of each call: few functions have such a parameter.
    if found == NO and _NAME in scope.parameters and any(map(_is_it, call.args)):
        return PERHAPS if of_parameter(scope, _NAME, call.lineno) == PERHAPS else NO
    return found


def _is_it(argument: ast.expr) -> bool:
    return isinstance(argument, ast.Name) and argument.id == _NAME
