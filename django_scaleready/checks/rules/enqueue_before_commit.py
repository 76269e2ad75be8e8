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
- it stands outside of `transaction.atomic`, `ATOMIC_REQUESTS` is off, and no admin may save the row
  that it is about.

It is a warning where the function has just saved the row whose key the task is given, and where a
receiver of `post_save`, `save()` of a model or `save_model()` of an admin gives it the key of its
row: the admin saves in a transaction. It is information elsewhere; of a model that none of the
project's admins has, if `ATOMIC_REQUESTS` is off; and where a task class of the project waits for
the commit by itself.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.saved_rows import class_name, registered, saved_model
from django_scaleready.checks.code.scopes import ATOMIC, DEFERRED
from django_scaleready.checks.code.summary import Fact, Moment

if TYPE_CHECKING:
    from django_scaleready.checks.code.module import Module
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.code.scopes import Scope, Site
    from django_scaleready.checks.project import Project

SLUG = "enqueue-before-commit"
KEYS = frozenset({"id", "pk"})
MADE = frozenset({"create", "get_or_create", "save", "update_or_create"})
SENDS = frozenset({"delay", "apply_async"})
# What a task is about: a row that was just saved, one that a signal tells of, one that its model or
# its admin saves, one that a request has saved, or who knows. A class whose tasks wait, and a model
# that an admin saves.
ROW, TOLD, SAVED, SERVED, ANY = "row", "told", "saved", "served", "any"
WAITS, ADMIN = "waits", "admin"
# Sent inside the transaction, wherever that ends: the admin always saves in one.
SIGNALS = re.compile(r"\b(post_save|m2m_changed)\b")
VIEWS = ("View", "ViewSet")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the tasks that are enqueued inside a transaction: what about, and of which model."""
    module = reading.module
    yield from (Fact(0, "", (ADMIN, name)) for name in registered(module))
    if SENDS.isdisjoint(module.mentions):
        return
    for site in module.calls("on_commit"):
        if site.scope.owner is not None and SENDS & {scope.name for scope in site.scope.outer}:
            yield module.fact(site, WAITS, "")
    for site in sorted(module.calls_that_run(*SENDS), key=attrgetter("line")):
        if site.flags & DEFERRED:
            continue
        if site.flags & ATOMIC or _is_atomic(module, site.scope):
            yield module.fact(site, ROW if _is_about_a_saved_row(site) else ANY, "")
        elif not any(keyword.arg in {"countdown", "eta"} for keyword in site.call.keywords):
            yield from _of_others(module, site)


def _is_atomic(module: Module, scope: Scope) -> bool:
    return any(name.endswith("transaction.atomic") for name in module.decorators(scope))


def _of_others(module: Module, site: Site) -> Iterator[Fact]:
    """Note a task that is sent inside a transaction which somebody else has begun."""
    keys, scope = _keys(site), site.scope
    model = saved_model(scope, keys, site.line)
    if "instance" in keys and (senders := _senders(module, scope)):
        for sender in senders:
            yield module.fact(site, TOLD, sender)
    elif model is not None:
        yield module.fact(site, SAVED, model)
    elif _serves(module, scope) and _is_about_a_saved_row(site):
        yield module.fact(site, SERVED, "")


def _serves(module: Module, scope: Scope) -> bool:
    """Whether a function answers a request: by a parameter, or as the method of a view."""
    bases = module.bases(scope.owner) if scope.owner else ()
    return "request" in scope.parameters or any(base.endswith(VIEWS) for base in bases)


def _keys(site: Site) -> set[str]:
    """Return the names of the rows whose keys a task is given; of a signal's row, "instance"."""
    keys = (node for node in ast.walk(site.call) if isinstance(node, ast.Attribute))
    held = [key.value for key in keys if key.attr in KEYS]
    names = {value.id for value in held if isinstance(value, ast.Name)}
    held += [value for name in names for value in site.scope.bindings.get(name, ())]
    return names | {"instance" for value in held if _is_instance(value)}


def _is_instance(value: ast.expr) -> bool:
    """Whether an expression is ``kwargs["instance"]``, or ``kwargs.get("instance")``."""
    if isinstance(value, ast.Subscript):
        return getattr(value.slice, "value", None) == "instance"
    got = value.args[:1] if isinstance(value, ast.Call) else []
    return any(getattr(name, "value", None) == "instance" for name in got)


def _senders(module: Module, scope: Scope) -> set[str]:
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


def _is_about_a_saved_row(site: Site) -> bool:
    """Whether a task is given the key of what its function has saved before."""
    names = _keys(site)
    made = {
        name
        for name in names
        for value in site.scope.bindings.get(name, ())
        if isinstance(value, ast.Call) and _makes_row(value.func)
    }
    above = (call.func for call, _ in site.scope.calls if call.lineno < site.call.lineno)
    saved = {
        getattr(function.value, "id", "")
        for function in above
        if isinstance(function, ast.Attribute) and function.attr == "save"
    }
    return bool(made or names & saved)


def _makes_row(function: ast.expr) -> bool:
    name = getattr(function, "attr", "")
    return name in MADE or (name == "update" and ast.unparse(function).startswith("super("))


MESSAGES = {
    TOLD: "A signal is sent inside the transaction that saves a row: its task may run before the"
    " commit, or without it.",
    SAVED: "A row is saved inside the transaction of the admin: its task may run before the commit,"
    " or without it.",
    SERVED: "ATOMIC_REQUESTS is on: the task may run before the request's transaction is committed,"
    " or without it.",
}


def find(project: Project) -> Iterator[Finding]:
    """Yield each function that does, or file of receivers, with the first task of a kind."""
    facts = [fact.data for _, fact in project.code.facts(SLUG)]
    waits = any(kind == WAITS for kind, _ in facts)
    by_admin = {model for kind, model in facts if kind == ADMIN}
    atomic = _requests_are_atomic(project)
    found: dict[tuple[str, str, str], list[Location]] = {}
    sure = set()
    for source, fact, place in project.noted(SLUG):
        kind, model = fact.data
        if kind in {WAITS, ADMIN} or (kind == SERVED and not atomic):
            continue
        # The receivers of a file are mended together.
        key = (source.path, "" if kind == TOLD else fact.function, kind)
        found.setdefault(key, []).append(place)
        known = atomic or not by_admin or not model or model in by_admin
        if kind in {ROW, SERVED} or (kind in {TOLD, SAVED} and known):
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


def _requests_are_atomic(project: Project) -> bool:
    databases = project.setting("DATABASES")
    default = databases.get("default") if isinstance(databases, dict) else None
    return isinstance(default, dict) and default.get("ATOMIC_REQUESTS") is True


RULE = Rule("scaleready.W090", SLUG, find, Area.SOURCE, collect, leak=Leak.WORK)
