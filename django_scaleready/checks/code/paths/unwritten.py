"""Files that are opened so that they could be written to, and that nothing is written to."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.threads.left_alone import names_of
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope, Site
from django_scaleready.checks.code.tree.syntax import blocks, nodes_of, written

# One that could be written to, and is not if no more than these of its methods are called.
_BOTH = re.compile(r"r[bt]?\+[bt]?")
_READING = frozenset({"close", "read", "readline", "readlines", "seek", "tell"})
# A file that is given to these alone is a lock.
_LOCKING = frozenset(
    {"fcntl.flock", "fcntl.lockf", "msvcrt.locking", "os.close", "portalocker.lock"}
)
_LOCKERS = frozenset({"fcntl", "msvcrt", "portalocker"})


def is_only_read(site: Site) -> bool:
    """Whether a file is opened so that it could be written, and is read where it is opened."""
    given = [*site.call.args, *(k.value for k in site.call.keywords if k.arg == "mode")]
    modes = (node.value for node in given if isinstance(node, ast.Constant))
    if not any(isinstance(mode, str) and _BOTH.fullmatch(mode) for mode in modes):
        return False
    return _are_all(site, names_of(site), {id(node) for node in _asked(site, _READING)})


def is_left_empty(module: Module, site: Site) -> bool:
    """Whether a file is opened to be there, or to be locked: nothing gets it that may fill it.

    ``with open(path, "w"): pass``, and ``fcntl.flock(open(path, "w"))`` through a name.
    """
    names = names_of(site)
    if not names:
        return any(
            item.context_expr is site.call and item.optional_vars is None
            for block in blocks(site.scope.node)
            for statement in block
            if isinstance(statement, ast.With)
            for item in statement.items
        )
    if len(names) == 1 and (kept := next(iter(names)).removeprefix("self.")) not in names:
        return _is_only_locked(module, kept)
    locks = _locked(module, site.scope)
    known = {*map(id, locks), *(id(node) for node in _asked(site, frozenset({"close"})))}
    for lock in locks:
        match lock:
            case ast.Call(func=ast.Attribute(value=held, attr="fileno")):
                known.add(id(held))
    return bool(locks) and _are_all(site, names, known)


def _locked(module: Module, scope: Scope) -> list[ast.expr]:
    """Return what a scope gives to those that lock a file."""
    calls = (call for call, _ in scope.calls if call.args)
    return [call.args[0] for call in calls if module.resolve(call.func) in _LOCKING]


def _is_only_locked(module: Module, kept: str) -> bool:
    """Whether nothing else is done in a file with what objects keep under a name."""
    if module.roots.isdisjoint(_LOCKERS):
        return False
    locks = {id(node) for scope in module.scopes for node in _locked(module, scope)}
    nodes = (n for n in nodes_of(module.top.node) if isinstance(n, ast.Attribute))
    uses = {id(n) for n in nodes if n.attr == kept and isinstance(n.ctx, ast.Load)}
    return bool(uses) and uses <= locks


def _asked(site: Site, methods: frozenset[str]) -> Iterator[ast.expr]:
    """Yield what some methods are called of in a scope."""
    for call, _ in site.scope.calls:
        if isinstance(call.func, ast.Attribute) and call.func.attr in methods:
            yield call.func.value


def _are_all(site: Site, names: set[str], known: set[int]) -> bool:
    """Whether the known uses of some names of a scope are all that there are."""
    nodes = (n for n in nodes_of(site.scope.node) if isinstance(n, ast.Name) and n.id in names)
    uses = {id(node) for node in nodes if isinstance(node.ctx, ast.Load)}
    return bool(uses) and uses <= known


def is_added_to(module: Module, site: Site) -> bool:
    """Whether a function puts something into the mailbox that it opens: ``box.add(message)``."""
    names = names_of(site)
    put = (other for other in module.calls("add") if other.scope is site.scope)
    return any(written(getattr(other.call.func, "value", other.call)) in names for other in put)
