"""The management commands that other code calls, or hands on to be called later."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import last_name

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading

NOTED = "called-commands"
CALLS = "django.core.management.call_command"
_CALL = CALLS.rpartition(".")[2]
_CHOICES = {"action", "check_unapplied", "command", "mode", "operation", "plan", "subcommand"}


def called_commands(reading: Reading) -> Iterator[Fact]:
    """Note the management commands that other code calls: (name, whether that is all it says).

    Of one that does many things, by a word that it is given, nobody knows which it does here.
    """
    module = reading.module
    if _CALL.encode() not in module.content:
        return
    found = [(site, site.call.args) for site in module.calls_that_run(_CALL)]
    for site, (first, *rest) in ((s, given) for s, given in (*found, *_handed(module)) if given):
        name, *more = [getattr(word, "value", None) for word in (first, *rest)]
        chosen = any(keyword.arg in _CHOICES for keyword in site.call.keywords)
        if isinstance(name, str) and not chosen and "--check" not in more:
            yield module.fact(site, name, not more)


def _handed(module: Module) -> Iterator[tuple[Site, list[ast.expr]]]:
    """Yield where somebody else is to call it, with what: ``queue.enqueue(call_command, "sync")``.

    ``add_job(call_command, args=["sync"])``, ``Thread(target=call_command, args=("sync",))``
    """
    for scope in module.scopes:
        for call, flags in scope.calls:
            site = Site(call, scope, flags)
            if site.guarded or last_name(call.func) == _CALL:
                continue
            named = {keyword.arg: keyword.value for keyword in call.keywords}
            listed = getattr(named.get("args"), "elts", [])
            place = next((i for i, each in enumerate(call.args) if _is_it(module, each)), None)
            if place is not None:
                yield site, call.args[place + 1 :] or listed
            elif any(_is_it(module, value) for value in named.values()):
                yield site, listed


def _is_it(module: Module, given: ast.expr) -> bool:
    """Whether an argument is the function, or its dotted name."""
    if isinstance(given, ast.Constant):
        return given.value == CALLS
    return last_name(given) == _CALL or module.resolve(given) == CALLS
