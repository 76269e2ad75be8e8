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

It is a warning where the function has just saved the row whose key the task is given, and
information elsewhere, and where a task class of the project waits for the commit by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.scopes import ATOMIC, DEFERRED
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.code.scopes import Site
    from django_scaleready.checks.project import Project

SLUG = "enqueue-before-commit"
KEYS = frozenset({"id", "pk"})
MADE = frozenset({"create", "save"})
SENDS = frozenset({"delay", "apply_async"})
# What a task is about: a row that was just saved, or who knows; and a class whose tasks wait.
ROW, ANY, WAITS = "row", "any", "waits"


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the tasks that are enqueued inside a transaction: (ROW, ANY or WAITS,)."""
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
        if (site.flags & ATOMIC or decorated) and not site.flags & DEFERRED:
            yield module.fact(site, ROW if _is_about_a_saved_row(site) else ANY)


def _is_about_a_saved_row(site: Site) -> bool:
    """Whether a task is given the key of what its function has saved before."""
    keys = (node for node in ast.walk(site.call) if isinstance(node, ast.Attribute))
    held = (key.value for key in keys if key.attr in KEYS)
    names = {value.id for value in held if isinstance(value, ast.Name)}
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
    """Yield each function that does, with the first of its tasks of either kind."""
    waits = any(fact.data[0] == WAITS for _, fact in project.code.facts(SLUG))
    found: dict[tuple[str, str, bool], list[Location]] = {}
    for source, fact, place in project.noted(SLUG):
        if fact.data[0] != WAITS:
            about_row = fact.data[0] == ROW and not waits
            found.setdefault((source.path, fact.function, about_row), []).append(place)
    for (_, _, about_row), (first, *others) in found.items():
        yield Finding(
            message="The task may run before the transaction is committed, or without it.",
            hint="Use delay_on_commit(), or transaction.on_commit().",
            location=first,
            severity=Severity.WARNING if about_row else Severity.INFO,
            related=tuple(others),
        )


RULE = Rule("scaleready.W090", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
