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
- it stands outside of `transaction.atomic`, and of what is called inside over two steps,
  `ATOMIC_REQUESTS` is off, and no admin may save the row that it is about;
- it is about a row that is deleted, as in `delete_model()` of an admin, outside of
  `transaction.atomic`;
- it has a `countdown` or an `eta`, outside of `transaction.atomic`;
- a caller has begun the transaction, or a request is one, and the function has changed no row
  before, nor is the key that the task is given of what the function is given, after a save;
- a signal tells of a row that only leads to what the task is about, unless rows of that model are
  made by `get_or_create()` or `update_or_create()`, which are a transaction each;
- `ATOMIC_REQUESTS` is on, and the view has `non_atomic_requests`, or its file has one elsewhere
  than above a function.

It is a warning where the function has changed rows before, in that transaction, and sends the task
at once; where it, the one that calls it, or the method of a base class that it calls first, has
just saved the row whose key the task is given; and where a receiver of `post_save`, `save()` of a
model or a method of an admin (`save_model()`, `save_form()`, `save_related()`, `response_add()`)
gives it the key of its row: the admin saves in a transaction.
It is information elsewhere; of what the row only leads to (`order.cart.pk`), and of another row,
where a caller saved it; of a model that none of the project's admins has, nor `get_or_create()`
makes, if `ATOMIC_REQUESTS` is off; of the function's own next turn; and where a task class of the
project waits for the commit by itself.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.in_transaction import Callers, is_atomic
from django_scaleready.checks.code.saved_rows import (
    handed_rows,
    is_of_admin,
    keys_in,
    made_model,
    registered,
    saved_above,
    saved_model,
    writes_above,
)
from django_scaleready.checks.code.scopes import ATOMIC, DEFERRED
from django_scaleready.checks.code.signalled import senders_of
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.module import Module
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.code.scopes import Scope, Site
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.project import Project

SLUG = "enqueue-before-commit"
SENDS = frozenset({"apply_async", "delay", "send_task"})
# What a task is about: a row that was just saved, one that a signal tells of, one that its model or
# its admin saves, one that a request has saved, or who knows. MADE is a row that was just saved
# where no transaction is seen, HANDED one that the function is given. A class whose tasks wait, and
# a model that an admin saves.
ROW, TOLD, SAVED, SERVED, ANY = "row", "told", "saved", "served", "any"
# BASE is the row of a method that calls the one of its base class, which may save it.
MADE, HANDED, CALLED, BASE = "made", "handed", "called", "base"
WAITS, ADMIN = "waits", "admin"
# A model whose rows are made in a transaction of Django's own, and a task about what a row leads to
# that a signal tells of.
MAKES, LED = "makes", "led"
OF_ITSELF = ("get_or_create", "update_or_create")
# WROTE is who knows, sent after rows were changed in the transaction that it is sent in.
WROTE = "wrote"
SURE = frozenset({ROW, WROTE, LED, SERVED, CALLED})
VIEWS = ("View", "ViewSet")
# A view is told by its library that a row was saved.
HOOKS = frozenset({"after_save", "post_save"})


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the tasks that are enqueued inside a transaction: what about, and of which model."""
    module = reading.module
    yield from (Fact(0, "", (ADMIN, name)) for name in registered(module))
    for site in module.calls_that_run(*OF_ITSELF):
        if model := made_model(site):
            yield module.fact(site, MAKES, model)
    if SENDS.isdisjoint(module.mentions):
        return
    for site in module.calls("on_commit"):
        if site.scope.owner is not None and SENDS & {scope.name for scope in site.scope.outer}:
            yield module.fact(site, WAITS, "")
    for site in sorted(module.calls_that_run(*SENDS), key=attrgetter("line")):
        if site.flags & DEFERRED:
            continue
        if site.flags & ATOMIC or is_atomic(module, site.scope):
            keys = keys_in(site.call, site.scope)
            known = _is_about_a_saved_row(site, keys)
            told = BASE if _is_of_base(site, keys) else ""
            yield module.fact(site, ROW if known else WROTE if _wrote(site) else ANY, told)
        elif not _waits(site):
            yield from _of_others(module, site)


def _waits(site: Site) -> bool:
    return any(keyword.arg in {"countdown", "eta"} for keyword in site.call.keywords)


def _wrote(site: Site) -> bool:
    """Whether a task is sent at once by who has changed rows, and is not the next of itself."""
    sent = getattr(site.call.func, "value", None)
    next_of_itself = isinstance(sent, ast.Name) and sent.id == site.scope.name
    if _waits(site) or next_of_itself:
        return False
    return writes_above(site.scope, site.line, site.flags)


def _of_others(module: Module, site: Site) -> Iterator[Fact]:
    """Note a task that is sent inside a transaction which somebody else has begun."""
    scope = site.scope
    keys = keys_in(site.call, site.scope)
    model = saved_model(scope, keys, site.line)
    of_signal = [key for key in keys if key.partition(".")[0] == "instance"]
    if of_signal and (senders := senders_of(module, scope)):
        for sender in sorted(senders):
            yield module.fact(site, TOLD if "instance" in keys else LED, sender)
    elif model is not None:
        yield module.fact(site, SAVED, model)
    elif is_of_admin(scope) and _is_about_a_saved_row(site, keys):
        yield module.fact(site, SAVED, "")
    elif _is_about_a_saved_row(site, keys) or (_serves(module, scope) and _is_told(scope, keys)):
        yield module.fact(site, MADE, "")
    else:
        if _is_of_base(site, keys):
            yield module.fact(site, BASE, "")
        for name, is_row in handed_rows(scope, keys):
            yield module.fact(site, HANDED, (name, is_row))
        if _wrote(site):
            yield module.fact(site, MADE, "")


def _is_of_base(site: Site, keys: set[str]) -> bool:
    """Whether a method has called itself of a base class before it sends the key of its row."""
    scope = site.scope
    if scope.owner is None or keys.isdisjoint([*scope.parameters][:1]):
        return False
    above = (ast.unparse(call.func) for call, _ in scope.calls if call.lineno < site.line)
    return f"super().{scope.name}" in above


def _is_told(scope: Scope, keys: set[str]) -> bool:
    """Whether a method is called after a row was saved, and given that row."""
    return scope.name in HOOKS and not keys.isdisjoint([*scope.parameters][1:])


def _serves(module: Module, scope: Scope) -> bool:
    """Whether a function is the method of a view."""
    bases = module.bases(scope.owner) if scope.owner else ()
    return any(base.endswith(VIEWS) for base in bases)


def _is_about_a_saved_row(site: Site, keys: set[str]) -> bool:
    """Whether a task is given the key of what its function has saved before."""
    return not keys.isdisjoint(saved_above(site.scope, site.line))


OF_SIGNAL = (
    "A signal is sent inside the transaction that saves a row: its task may run before the commit,"
    " or without it."
)
MESSAGES = {
    TOLD: OF_SIGNAL,
    LED: OF_SIGNAL,
    SAVED: "A row is saved inside the transaction of the admin: its task may run before the commit,"
    " or without it.",
    SERVED: "ATOMIC_REQUESTS is on: the task may run before the request's transaction is committed,"
    " or without it.",
    CALLED: "A caller has begun a transaction: the task may run before that is committed, or"
    " without it.",
}


class _Sent(NamedTuple):
    """A task that is sent inside a transaction: of which kind, of which model, and who began it."""

    kind: str
    model: str = ""
    is_row: bool = True
    begun: Location | None = None


def find(project: Project) -> Iterator[Finding]:
    """Yield each function that does, or file of receivers, with the first task of a kind."""
    facts = [fact.data for _, fact in project.code.facts(SLUG)]
    waits = any(kind == WAITS for kind, _ in facts)
    by_admin = {model for kind, model in facts if kind == ADMIN}
    noted = list(project.noted(SLUG))
    made = {fact.data[1] for _, fact, _ in noted if fact.data[0] == MAKES}
    atomic = project.requests_are_atomic
    callers = project.code.once(Callers)
    found: dict[tuple[str, str, str], list[Location]] = {}
    sure = set()
    for source, fact, place in noted:
        sent = _sent(callers, source, fact, atomic)
        if sent is None or (sent.kind == LED and sent.model not in made):
            continue
        # The receivers of a file are mended together.
        key = (source.path, "" if sent.kind in {TOLD, LED} else fact.function, sent.kind)
        found.setdefault(key, []).extend([place, *([sent.begun] if sent.begun else [])])
        known = atomic or not by_admin or not sent.model or sent.model in by_admin | made
        if sent.is_row and (sent.kind in SURE or (sent.kind in {TOLD, SAVED} and known)):
            sure.add(key)
    for key, (first, *others) in found.items():
        yield Finding(
            message=MESSAGES.get(
                key[2], "The task may run before the transaction is committed, or without it."
            ),
            hint="Use delay_on_commit(), or transaction.on_commit().",
            location=first,
            severity=Severity.WARNING if key in sure and not waits else Severity.INFO,
            related=tuple(dict.fromkeys(place for place in others if place != first)),
        )


def _sent(callers: Callers, source: Summary, fact: Fact, atomic: bool) -> _Sent | None:
    """Return what is known of a task that is sent, None if it is in no transaction."""
    kind, data = fact.data
    if kind in {WAITS, ADMIN, MAKES}:
        return None
    key = (source.path, fact.function)
    if BASE in fact.data:
        if callers.saves_above(source, fact.function):
            kind = MADE if kind == BASE else ROW
        elif kind == BASE:
            return None
    if kind == MADE:
        if atomic and callers.serves(*key):
            return _Sent(SERVED)
        begun = callers.within(key)
        return _Sent(CALLED, begun=begun) if begun else None
    if kind == HANDED:
        each = (_given(callers, *giver, data[1], atomic) for giver in callers.givers(key, data[0]))
        return max(filter(None, each), key=attrgetter("is_row"), default=None)
    return _Sent(kind, data)


def _given(
    callers: Callers, giver: Summary, fact: Fact, is_row: bool, atomic: bool
) -> _Sent | None:
    """Return what is known of a task about a row that its function is given after a save."""
    row = fact.data[-1]
    is_row = is_row and bool(row)
    place = Location(giver.path, fact.line)
    owner, _, name = fact.function.rpartition(".")
    if name == "save" and row == "self":
        return _Sent(SAVED, owner, is_row, place)
    if begun := callers.is_inside(giver, fact):
        return _Sent(CALLED, "", is_row, begun)
    if atomic and callers.serves(giver.path, fact.function):
        return _Sent(SERVED, "", is_row, place)
    return None


RULE = Rule("scaleready.W090", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
