"""The tasks that code sends inside a transaction, or about what is saved only then."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from operator import attrgetter
from typing import TYPE_CHECKING

from django_scaleready.checks.code.queries.in_transaction import INSTANCE, is_atomic
from django_scaleready.checks.code.queries.saved_rows import (
    admins_row,
    handed_rows,
    is_of_admin,
    keys_in,
    made_model,
    registered,
    saved_above,
    saved_model,
)
from django_scaleready.checks.code.queries.signalled import connected, deletes, hears, senders_of
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tasks.brokers import PUBLISHES, published
from django_scaleready.checks.code.tasks.own_delay import own_delays
from django_scaleready.checks.code.tasks.rq_commits import enqueued
from django_scaleready.checks.code.tasks.sends import (
    SENDS,
    is_at_once,
    is_before_save,
    is_of_caller,
    mails,
    removes,
    tells_key,
    tells_visitor,
    told_workers,
    waits,
    wrote,
)
from django_scaleready.checks.code.tree.scopes import ATOMIC, DEFERRED, EXCEPT
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.module import Module
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Scope, Site

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
# WROTE is who knows, sent where rows are changed in the same transaction; VALUES is DELETED, but
# given all that it needs, so that it asks for no row.
WROTE = "wrote"
# SENT is who knows, sent by who changes no rows: a caller may. BEFORE is about a row that is saved
# below, DELETED sent as a row is deleted. A receiver that is connected to a signal elsewhere, and
# where that is done.
SENT, BEFORE, DELETED, VALUES = "sent", "before", "deleted", "values"
HEARS, CONNECTS = "hears", "connects"
# Whose key a SENT one is given: of who is logged in.
VISITOR = "visitor"
# LEADS is who knows, sent where what is called before may change rows in the same transaction.
LEADS = "leads"
VIEWS = ("View", "ViewSet")
# A view is told by its library that a row was saved.
HOOKS = frozenset({"after_save", "post_save"})


def sent_tasks(reading: Reading) -> Iterator[Fact]:
    """Note the tasks that are enqueued inside a transaction: what about, and of which model."""
    module = reading.module
    yield from (Fact(0, "", (ADMIN, name)) for name in registered(module))
    for site in module.calls_that_run(*OF_ITSELF):
        if model := made_model(site):
            yield module.fact(site, MAKES, model)
    yield from (module.fact(site, CONNECTS, told) for site, told in connected(module))
    yield from own_delays(module)
    yield from enqueued(module)
    if (SENDS | PUBLISHES).isdisjoint(module.vocabulary) and "broadcast" not in module.mentions:
        return
    for site in module.calls("on_commit"):
        if site.scope.owner is not None and SENDS & {scope.name for scope in site.scope.outer}:
            yield module.fact(site, WAITS, "")
    sites = [*module.calls_that_run(*SENDS), *told_workers(module), *published(module)]
    for site in sorted(sites, key=attrgetter("line")):
        if site.flags & DEFERRED:
            continue
        keys = keys_in(site.call, site.scope)
        decorated = is_atomic(module, site.scope)
        if site.flags & ATOMIC or decorated:
            known = _is_about_a_saved_row(site, keys) or is_before_save(site, keys)
            told = BASE if _is_of_base(site, keys) else ""
            leads = LEADS if is_at_once(site) and _may_ask(site) else ANY
            yield module.fact(site, ROW if known else WROTE if wrote(site) else leads, told)
        elif not waits(site):
            yield from _of_signal(module, site, keys) or _of_others(module, site, keys)


def _of_signal(module: Module, site: Site, keys: set[str]) -> list[Fact]:
    """Note a task that a receiver of a signal sends."""
    scope = site.scope
    kinds = []
    is_row = INSTANCE in keys
    if is_row or any(key.partition(".")[0] == INSTANCE for key in keys):
        kinds.append(TOLD if is_row else LED)
        if senders := senders_of(module, scope):
            return [module.fact(site, kinds[0], sender) for sender in sorted(senders)]
    if not (is_row or INSTANCE in _given(site.call) or removes(site)):
        kinds.append(DELETED if tells_key(site) or not _is_given(site.call) else VALUES)
        if deletes(module, scope):
            return [module.fact(site, kinds[-1], "")]
    if not (kinds and hears(scope)):
        return []
    # Another file may connect it, and tells to which.
    heard = [module.fact(site, HEARS, (kind, "")) for kind in kinds]
    return [*heard, *_of_others(module, site, keys)]


def _is_given(call: ast.Call) -> bool:
    return bool(call.args or call.keywords)


def _given(call: ast.Call) -> set[str]:
    """Return the names of what a call is given as it is, in a list or dictionary, too."""
    nodes = nodes_of(call)
    of = {id(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    return {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in of}


def _of_others(module: Module, site: Site, keys: set[str]) -> Iterator[Fact]:
    """Note a task that is sent inside a transaction which somebody else has begun."""
    scope = site.scope
    model = saved_model(scope, keys, site.line)
    saved = _is_about_a_saved_row(site, keys)
    # A queue that pickles takes the row itself.
    whole = is_of_admin(scope) and admins_row(scope) in _given(site.call)
    if model is not None or (saved and is_of_admin(scope)) or whole:
        yield module.fact(site, SAVED, model or "")
    elif is_before_save(site, keys):
        yield module.fact(site, BEFORE, "")
    elif saved or (_serves(module, scope) and _is_told(scope, keys)):
        yield module.fact(site, MADE, "")
    else:
        if _is_of_base(site, keys):
            yield module.fact(site, BASE, "")
        for name, is_row in handed_rows(scope, keys):
            yield module.fact(site, HANDED, (name, is_row))
        if wrote(site) and not mails(site):
            yield module.fact(site, MADE, "")
        elif not site.flags & EXCEPT and _may_ask(site):
            who = VISITOR if tells_visitor(site) else ""
            yield Fact(site.line, _sends_for(scope).function, (SENT, who))


def _sends_for(scope: Scope) -> Scope:
    """Return the function that sends a task: the one around it, if only that calls it."""
    outer = scope.parent
    if outer is None or outer.kind != "function":
        return scope
    calls = (call.func for call, flags in outer.calls if not flags & DEFERRED)
    by_name = any(isinstance(func, ast.Name) and func.id == scope.name for func in calls)
    return outer if by_name else scope


def _may_ask(site: Site) -> bool:
    """Whether a task may ask for what its callers have changed: it is given the key of a row.

    A message mostly is made above, of what the callers have changed.
    """
    if last_name(site.call.func) in PUBLISHES:
        return not removes(site)
    return tells_key(site) and not (is_of_caller(site) or mails(site) or removes(site))


def _is_of_base(site: Site, keys: set[str]) -> bool:
    """Whether a method has called itself of a base class before it sends the key of its row."""
    scope = site.scope
    if scope.owner is None or keys.isdisjoint([*scope.parameters][:1]):
        return False
    above = (written(call.func) for call, _ in scope.calls if call.lineno < site.line)
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
