"""What the functions of a project are given, and where it comes from."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Final

from django_scaleready.checks.code.summary import DEVELOPED, Flow
from django_scaleready.checks.code.tree.leads_of import path_term
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope

# The methods of a task that give it the arguments they have.
SENT: Final = frozenset({"delay", "s", "si"})


def flows(reading: Reading, calls: Iterable[tuple[str, ast.Call, Scope, str]]) -> Iterator[Flow]:
    """Yield the arguments of the project's own functions that say where they come from."""
    for callee, call, scope, place in calls:
        if place == DEVELOPED:
            continue
        given: list[tuple[int | str, ast.expr]] = [*enumerate(call.args)]
        given += [(k.arg, k.value) for k in call.keywords if k.arg]
        for argument, value in given:
            term = path_term(reading, value, scope)
            if term and (term[0] != "name" or term[1].rpartition(".")[2].isupper()):
                yield Flow(_receiver(callee, argument), argument, term, call.lineno, place)


def _receiver(callee: str, argument: int | str) -> str:
    """Return what gets an argument: a task does that is sent, or that a signature is made of.

    With ``s()`` the result of another one may come before what is given by position.
    """
    task, _, how = callee.rpartition(".")
    return task if how in SENT and (how != "s" or isinstance(argument, str)) else callee
