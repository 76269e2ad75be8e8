"""Whose rows a receiver of a signal is told of."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from django_scaleready.checks.code.saved_rows import class_name
from django_scaleready.checks.code.summary import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.module import Module
    from django_scaleready.checks.code.scopes import Scope

# Sent inside the transaction, wherever that ends: the admin always saves in one.
SIGNALS = re.compile(r"\b(post_save|m2m_changed)\b")


def senders_of(module: Module, scope: Scope) -> set[str]:
    """Return the models of whose rows a receiver is told that they were saved, "" for any."""
    if module.moment(scope) is not Moment.SIGNAL:
        return set()
    if any("commit" in ast.unparse(decorator) for decorator in scope.decorators):
        return set()
    called = [node for node in scope.decorators if isinstance(node, ast.Call)]
    told: list[tuple[ast.Call, list[ast.expr]]] = [(call, call.args[:1]) for call in called]
    told += [
        (site.call, [site.call.func])
        for site in module.calls("connect")
        if any(isinstance(node, ast.Name) and node.id == scope.name for node in site.call.args)
    ]
    found = set()
    for call, signals in told:
        if any(SIGNALS.search(ast.unparse(signal)) for signal in signals):
            senders = [keyword.value for keyword in call.keywords if keyword.arg == "sender"]
            found |= {class_name(sender) for sender in senders} or {""}
    return found
