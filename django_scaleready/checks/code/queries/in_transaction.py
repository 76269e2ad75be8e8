"""Which calls run inside a transaction, and which come after rows were changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.queries.saved_rows import (
    OF_ADMIN,
    OF_VIEWS,
    WRITES,
    changes,
    is_of_admin,
    saved_rows,
    takes_part,
)
from django_scaleready.checks.code.queries.signalled import senders_of
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.scopes import ATOMIC, DEFERRED, begins_transaction
from django_scaleready.checks.code.tree.syntax import last_name, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope

# The lines of calls that run inside a transaction, after rows were changed, and later than it says;
# what a call is given after a row was saved; views of which each sees to its transactions by
# itself; methods that save their own row; functions that change rows; decorators of the project's
# own that begin a transaction.
INSIDE, AFTER, LATER, GIVEN = "inside", "after", "later", "given"
ALONE, SAVES, CHANGES, WRAPS = "alone", "saves", "changes", "wraps"
# Receivers that are told of a saved row, and how they call that row.
TELLS, INSTANCE, _TOLD = "tells", "instance", b"post_save"
NOTED = "in-transaction"
_ALONE = "non_atomic_requests"
# What a file says that begins a transaction: transaction.atomic(), a wrapper's, a client's own.
BEGINS = (b"atomic", b"xact")
SELF = "self"
_SAVES = WRITES | OF_ADMIN | OF_VIEWS | {"form_valid", "on_commit"}


def notes(reading: Reading) -> Iterator[Fact]:
    """Note the calls that run inside a transaction, and those that come after a row was saved."""
    module = reading.module
    said = module.mentions | module.imports.keys()
    if _ALONE in said:
        yield from _alone(module)
    told = _TOLD in module.content
    if not told and said.isdisjoint(_SAVES) and not any(name in module.content for name in BEGINS):
        return
    for scope in module.functions.values():
        if not scope.calls:
            continue
        atomic = is_atomic(module, scope)
        if _calls_outer(scope, atomic=atomic):
            yield Fact(0, list(scope.outer)[-2].qualname, (WRAPS,))
        whole = atomic or is_of_admin(scope)
        yield from _calls(scope, whole=whole, waits="on_commit" in said)
        senders = senders_of(module, scope) if told and INSTANCE in scope.parameters else ()
        if senders:
            yield Fact(0, scope.function, (TELLS, *sorted(senders)))
        yield from _given(scope, bool(senders))


def _calls(scope: Scope, *, whole: bool, waits: bool) -> Iterator[Fact]:
    """Note the calls of a function: inside a transaction, after rows were changed, and later.

    ``whole``: the function is a transaction. ``waits``: something here is done on commit.
    """
    changed = changes(scope)
    if changed:
        yield Fact(0, scope.function, (CHANGES,))
    first = min((line for line, _ in changed), default=0)
    after = set()
    for call, flags in scope.calls:
        if flags & DEFERRED:
            if waits:
                yield Fact(call.lineno, scope.function, (LATER,))
            continue
        if flags & ATOMIC or whole:
            yield Fact(call.lineno, scope.function, (INSIDE, *_called_of(call)))
        if 0 < first < call.lineno and any(
            line < call.lineno and takes_part(at, flags) for line, at in changed
        ):
            after.add(call.lineno)
    if after:
        yield Fact(0, scope.function, (AFTER, *sorted(after)))


def _calls_outer(scope: Scope, *, atomic: bool) -> bool:
    """Whether a function in another one calls what that was given, in a transaction."""
    if scope.parent is None or scope.parent.kind != "function":
        return False
    given = {name for outer in scope.parent.outer for name in outer.parameters}
    return any(
        (atomic or flags & ATOMIC) and isinstance(call.func, ast.Name) and call.func.id in given
        for call, flags in scope.calls
    )


def _called_of(call: ast.Call) -> tuple[str, str]:
    """Return the method that is called of a variable, and the last word of that's name."""
    method = call.func
    if not isinstance(method, ast.Attribute) or method.attr in WRITES:
        return "", ""
    if any(getattr(keyword.value, "value", None) is False for keyword in call.keywords):
        # Who is told not to do something may well be told not to send.
        return "", ""
    return method.attr, last_name(method.value).lower().rpartition("_")[2]


def is_atomic(module: Module, scope: Scope) -> bool:
    """Whether a function is a transaction as a whole."""
    return any(map(begins_transaction, module.decorators(scope)))


def _alone(module: Module) -> Iterator[Fact]:
    """Note the views that are in no transaction: the decorated ones, or all if that is not all."""
    decorated = [
        scope
        for scope in module.functions.values()
        if scope.name != "dispatch" and any(n.endswith(_ALONE) for n in module.decorators(scope))
    ]
    said = module.content.count(_ALONE.encode()) - (_ALONE in module.imports)
    alone = [scope.function for scope in decorated] if len(decorated) == said else [""]
    yield from (Fact(0, function, (ALONE,)) for function in alone)


def _given(scope: Scope, told: bool) -> Iterator[Fact]:
    """Note what calls are given after a row was saved, and that row; "" if it is another one."""
    saved = list(saved_rows(scope))
    if told:
        saved.append((INSTANCE, 0))
    if any(row == SELF for row, _ in saved):
        yield Fact(0, scope.function, (SAVES,))
    for call, flags in scope.calls if saved else ():
        rows = {row for row, line in saved if line < call.lineno and not flags & DEFERRED}
        function = call.func
        name = getattr(function, "attr", "") or getattr(function, "id", "")
        given = [*enumerate(call.args), *((k.arg, k.value) for k in call.keywords)]
        if isinstance(function, ast.Attribute):
            given.append((SELF, function.value))
        for place, value in given if rows else ():
            if isinstance(value, ast.Name | ast.Attribute):
                row = written(value)
                yield Fact(
                    call.lineno, scope.function, (GIVEN, name, place, row if row in rows else "")
                )
