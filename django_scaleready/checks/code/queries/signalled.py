"""Whose rows a receiver of a signal is told of."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.queries.saved_rows import class_name
from django_scaleready.checks.code.summary import Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.scopes import Scope, Site

# Sent inside the transaction, wherever that ends: the admin always saves in one.
SIGNALS = re.compile(r"\b(post_save|m2m_changed)\b")
# Django deletes in a transaction of its own where somebody listens.
DELETES = re.compile(r"\b(post|pre)_delete\b")


def senders_of(module: Module, scope: Scope) -> set[str]:
    """Return the models of whose rows a receiver is told that they were saved, "" for any."""
    found = set()
    for call, _ in _told(module, scope, SIGNALS):
        senders = [keyword.value for keyword in call.keywords if keyword.arg == "sender"]
        found |= {class_name(sender) for sender in senders} or {""}
    return found


def deletes(module: Module, scope: Scope) -> bool:
    """Whether a receiver is told that a row is deleted."""
    return any(_told(module, scope, DELETES))


def hears(scope: Scope) -> bool:
    """Whether a function looks as if it were told of a row, wherever it is connected."""
    return {"sender", "instance"} <= scope.parameters.keys() and not scope.decorators


def connected(module: Module) -> Iterator[tuple[Site, tuple[str, str, bool]]]:
    """Yield where functions of other files are connected to signals of rows.

    With the function, the model, and whether it is told of its deletion.
    """
    for site in module.calls("connect"):
        signal = ast.unparse(site.call.func)
        deleted = DELETES.search(signal) is not None
        if not (deleted or SIGNALS.search(signal)):
            continue
        for receiver in site.call.args[:1]:
            dotted = module.qualified(receiver, site.scope)
            given = (k.value for k in site.call.keywords if k.arg == "sender")
            senders = [*site.call.args[1:2], *given]
            sender = class_name(senders[0]) if senders else ""
            if dotted:
                yield site, (dotted, sender, deleted)


def _told(
    module: Module, scope: Scope, wanted: re.Pattern[str]
) -> Iterator[tuple[ast.Call, list[ast.expr]]]:
    """Yield the calls that connect a receiver to signals, and these."""
    if module.moment(scope) is not Moment.SIGNAL:
        return
    if any("commit" in ast.unparse(decorator) for decorator in scope.decorators):
        return
    called = [node for node in scope.decorators if isinstance(node, ast.Call)]
    told: list[tuple[ast.Call, list[ast.expr]]] = [(call, call.args[:1]) for call in called]
    told += [
        (site.call, [site.call.func])
        for site in module.calls("connect")
        if any(isinstance(node, ast.Name) and node.id == scope.name for node in site.call.args)
    ]
    for call, signals in told:
        if any(wanted.search(ast.unparse(signal)) for signal in signals):
            yield call, signals
