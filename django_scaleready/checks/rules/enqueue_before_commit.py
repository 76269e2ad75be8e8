"""A task is enqueued before the transaction that it is about is committed.

The worker may take it before the commit, and does not find the row; if the transaction rolls back
the task runs all the same. On one machine with one worker it seldom shows; the more workers there
are, the sooner one of them is faster than the commit.

## Bad

```python title="shop/orders.py"
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(cart):
    with transaction.atomic():
        order = Order.objects.create(cart=cart)
        confirm.delay(order.pk)
```

## Good

```python title="shop/orders.py"
from django.db import transaction

from shop.models import Order
from shop.tasks import confirm


def place(cart):
    with transaction.atomic():
        order = Order.objects.create(cart=cart)
        confirm.delay_on_commit(order.pk)
```

## Stays silent when

- the task is enqueued on commit: `delay_on_commit`, `transaction.on_commit`;
- it stands outside of `transaction.atomic`.

It is a warning where the function has just saved the row whose key the task is given, or where a
receiver of `post_save` gives it the key of its `instance`: the admin, for one, saves in a
transaction. It is information elsewhere, and where a task class of the project waits for the commit
by itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.scopes import ATOMIC, DEFERRED
from django_scaleready.checks.code.summary import Fact, Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.module import Module
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.code.scopes import Scope, Site
    from django_scaleready.checks.project import Project

SLUG = "enqueue-before-commit"
KEYS = frozenset({"id", "pk"})
MADE = frozenset({"create", "save"})
SENDS = frozenset({"delay", "apply_async"})
# What a task is about: a row that was just saved, one that a signal tells of, or who knows; and a
# class whose tasks wait.
ROW, TOLD, ANY, WAITS = "row", "told", "any", "waits"
# Sent inside the transaction, wherever that ends: the admin always saves in one.
SIGNALS = re.compile(r"\b(post_save|m2m_changed)\b")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the tasks that are enqueued inside a transaction: (ROW, TOLD, ANY or WAITS,)."""
    module = reading.module
    if SENDS.isdisjoint(module.mentions):
        return
    for site in module.calls("on_commit"):
        if site.scope.owner is not None and SENDS & {scope.name for scope in site.scope.outer}:
            yield module.fact(site, WAITS)
    for site in module.calls_that_run(*SENDS):
        decorated = any(
            name.endswith("transaction.atomic") for name in module.decorators(site.scope)
        )
        if site.flags & DEFERRED:
            continue
        if site.flags & ATOMIC or decorated:
            yield module.fact(site, ROW if _is_about_a_saved_row(site) else ANY)
        elif "instance" in _keys(site) and not _is_put_off(site) and _is_told(module, site.scope):
            yield module.fact(site, TOLD)


def _keys(site: Site) -> set[str]:
    """Return the names of the rows whose keys a task is given."""
    keys = (node for node in ast.walk(site.call) if isinstance(node, ast.Attribute))
    held = (key.value for key in keys if key.attr in KEYS)
    return {value.id for value in held if isinstance(value, ast.Name)}


def _is_put_off(site: Site) -> bool:
    return any(keyword.arg in {"countdown", "eta"} for keyword in site.call.keywords)


def _is_told(module: Module, scope: Scope) -> bool:
    """Whether a function is a receiver of the signals that a row is saved with."""
    if module.moment(scope) is not Moment.SIGNAL:
        return False
    if any("commit" in ast.unparse(decorator) for decorator in scope.decorators):
        return False
    given = [decorator for decorator in scope.decorators if isinstance(decorator, ast.Call)]
    told = [ast.unparse(node) for call in given for node in call.args[:1]]
    told += [
        ast.unparse(site.call.func)
        for site in module.calls("connect")
        if any(isinstance(node, ast.Name) and node.id == scope.name for node in site.call.args)
    ]
    return any(map(SIGNALS.search, told))


def _is_about_a_saved_row(site: Site) -> bool:
    """Whether a task is given the key of what its function has saved before."""
    names = _keys(site)
    made = {
        name
        for name in names
        for value in site.scope.bindings.get(name, ())
        if isinstance(value, ast.Call) and getattr(value.func, "attr", "") in MADE
    }
    above = (call.func for call, _ in site.scope.calls if call.lineno < site.call.lineno)
    saved = {
        getattr(function.value, "id", "")
        for function in above
        if isinstance(function, ast.Attribute) and function.attr == "save"
    }
    return bool(made or names & saved)


def find(project: Project) -> Iterator[Finding]:
    """Yield each function that does, or file of receivers, with the first task of a kind."""
    waits = any(fact.data[0] == WAITS for _, fact in project.code.facts(SLUG))
    found: dict[tuple[str, str, str], list[Location]] = {}
    for source, fact, place in project.noted(SLUG):
        kind = fact.data[0]
        if kind != WAITS:
            # The receivers of a file are mended together.
            where = "" if kind == TOLD else fact.function
            found.setdefault((source.path, where, kind), []).append(place)
    for (_, _, kind), (first, *others) in found.items():
        yield Finding(
            message="A signal is sent inside the transaction that saves a row: its task may run"
            " before the commit, or without it."
            if kind == TOLD
            else "The task may run before the transaction is committed, or without it.",
            hint="Use delay_on_commit(), or transaction.on_commit().",
            location=first,
            severity=Severity.INFO if waits or kind == ANY else Severity.WARNING,
            related=tuple(others),
        )


RULE = Rule("scaleready.W090", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
