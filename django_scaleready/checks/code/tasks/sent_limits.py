"""The time limits that tasks are sent with, and what is known of those that rows of a table hold.

A task that is one for many kinds of work is often given its limit by whoever sends it:
``run.signature(args, soft_time_limit=plugin.soft_time_limit)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.running.moments import TASK_DECORATORS
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope

NOTED = "sent-limits"
SENT, DEFAULT, TYPED = "sent", "default", "typed"
SENDS = ("apply", "apply_async", "delay", "s", "set", "si", "signature", "subtask")
WORD = b"time_limit"
# In seconds; None if none is given, 0 if it is unknown, or the attribute that holds it.
Limit = float | str | None


def sent_limits(reading: Reading) -> Iterator[Fact]:
    """Note what is sent with which limits, the defaults of such columns, what tasks say of types.

    (SENT, the task, hard limit, soft limit), (DEFAULT, column, its default), (TYPED, names...).
    """
    module = reading.module
    if WORD not in module.content:
        return
    sites = module.calls(*SENDS)
    # x.s(1).set(time_limit=5) is one sending.
    inner = {site.call.func.value for site in sites if isinstance(site.call.func, ast.Attribute)}
    for site in sites:
        if site.call not in inner:
            task, given = _sent(module, site.call, site.scope)
            if task:
                yield module.fact(site, SENT, task, *limits(given))
    for owner in module.classes.values():
        for name, values in owner.bindings.items():
            default = _default(values[-1]) if name.endswith(WORD.decode()) else None
            if default is not None:
                yield Fact(values[-1].lineno, "", (DEFAULT, name, default))
    for scope in module.decorated:
        names = (name.rpartition(".")[2] for name in module.decorators(scope))
        if not TASK_DECORATORS.isdisjoint(names) and (typed := _typed(module, scope)):
            yield Fact(scope.line, scope.qualname, (TYPED, *typed))


def limits(given: list[ast.keyword]) -> tuple[Limit, Limit]:
    """Return the hard and the soft limit among what a call is given by name."""
    said = {keyword.arg: keyword.value for keyword in given}
    # Whatever a mapping brings is not known.
    absent = 0 if None in said else None
    hard, soft = (said.get(name) for name in ("time_limit", "soft_time_limit"))
    return _limit(hard) if hard else absent, _limit(soft) if soft else absent


def _limit(node: ast.expr) -> Limit:
    if isinstance(node, ast.Attribute):
        return node.attr
    value = getattr(node, "value", 0)
    return value if isinstance(value, int | float) else 0


def _sent(module: Module, call: ast.Call, scope: Scope) -> tuple[str, list[ast.keyword]]:
    """Return the dotted name of what a call sends, "" for nothing, and all it is given by name."""
    function, given = call.func, [*call.keywords]
    while isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
        given += function.value.keywords
        function = function.value.func
    if not isinstance(function, ast.Attribute) or function.attr not in SENDS:
        return "", given
    name = module.qualified(function.value, scope)
    return (name if "." in name else ""), given


def _default(node: ast.expr) -> float | None:
    given = node.keywords if isinstance(node, ast.Call) else []
    values = (getattr(k.value, "value", None) for k in given if k.arg == "default")
    return next((value for value in values if isinstance(value, int | float)), None)


def _typed(module: Module, scope: Scope) -> list[str]:
    """Return the names in what a task says of the types of its variables."""
    said = (node.annotation for node in ast.walk(scope.node) if isinstance(node, ast.AnnAssign))
    parts = (part for node in said for part in ast.walk(node) if isinstance(part, ast.Name))
    return sorted({module.qualified(part, module.top) for part in parts})
