"""What is remembered and brought up to date before anybody gets it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from django_scaleready.checks.code.memory.containers import Change, Container
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of, written

# .filter(id__gt=cls.version) asks for what is newer than what is remembered.
_NEWER = ("__gt", "__gte")
# Errors that say nothing of a connection.
_ANY = frozenset(
    [
        *("AttributeError", "BaseException", "DoesNotExist", "Exception", "IndexError", "KeyError"),
        *("LookupError", "NameError", "TypeError", "UnboundLocalError", "ValueError"),
    ]
)


def is_asked_each_time(reading: Reading, container: Container, uses: Sequence[Change]) -> bool:
    """Whether an attribute of a class says how far it has read, or is kept up to date by one."""
    owner = container.owner
    if owner.kind != "class":
        return False
    methods = [s for s in reading.module.scopes if s.kind == "function" and s.parent is owner]
    cursors = {method: {*_cursors(reading, owner, method)} for method in methods}
    known = set().union(*cursors.values())
    if container.name in known or not known:
        return container.name in known
    fills = {outer for use in uses for outer in use.scope.outer if outer in cursors}
    together = any(_attribute(owner, name) in known for fill in fills for name in fill.bindings)
    asking = {method.name for method, found in cursors.items() if found}
    readers = [m for m in methods if m not in fills and _reads(owner, m, container.name)]
    return together and bool(readers) and all(_asks(m, asking) for m in readers)


def _cursors(reading: Reading, owner: Scope, method: Scope) -> Iterator[str]:
    """Yield the attributes that a method compares with the database, or asks it about."""
    for node in nodes_of(method.node):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.NotEq | ast.Lt | ast.Gt):
            sides = [node.left, node.comparators[0]]
            if any(_is_asked(reading, side, method) for side in sides):
                yield from filter(None, (_attribute(owner, ast.unparse(side)) for side in sides))
        elif isinstance(node, ast.keyword) and (node.arg or "").endswith(_NEWER):
            values = [node.value]
            if isinstance(node.value, ast.Name):
                values = method.bindings.get(node.value.id, [])
            yield from filter(None, (_attribute(owner, ast.unparse(value)) for value in values))


def _is_asked(reading: Reading, node: ast.expr, method: Scope) -> bool:
    """Whether a value was asked for in the database, where it is compared or just before."""
    values = method.bindings.get(node.id, []) if isinstance(node, ast.Name) else [node]
    calls = (part for value in values for part in nodes_of(value) if isinstance(part, ast.Call))
    return any(is_queryset(call) or reading.asks_outside(call) for call in calls)


def _attribute(owner: Scope, written: str) -> str:
    """Return the name of a class's attribute by the way it is written; "" for anything else."""
    first, _, name = written.partition(".")
    return name if first in {"cls", "self", owner.name} and name.isidentifier() else ""


def _reads(owner: Scope, method: Scope, name: str) -> bool:
    nodes = (node for node in nodes_of(method.node) if isinstance(node, ast.Attribute))
    return any(_attribute(owner, ast.unparse(node)) == name for node in nodes)


def _asks(method: Scope, asking: set[str]) -> bool:
    """Whether a method asks, by itself or by another one."""
    nodes = (node for node in nodes_of(method.node) if isinstance(node, ast.Attribute))
    return method.name in asking or any(node.attr in asking for node in nodes)


def is_made_again(container: Container, uses: Iterable[Change]) -> bool:
    """Whether a variable is made anew where using it fails: a connection, and no value.

    ``try: ask(CLIENT, order)``, and below ``except ConnectionLost`` another one is made. What a
    value lacks (``KeyError``), or anything that goes wrong, says nothing of a connection.
    """
    name = container.name if container.owner.kind == "module" else ""
    return any(
        isinstance(node, ast.Try)
        and _is_used(node.body, name)
        and any(use.node in nodes_of(each) for each in node.handlers if _is_special(each))
        for use in uses
        if use.values and name and use.scope.globals
        for node in nodes_of(use.scope.node)
    )


def _is_used(body: Iterable[ast.stmt], name: str) -> bool:
    """Whether a call is given what a name holds, or asks it."""
    calls = (n for each in body for n in nodes_of(each) if isinstance(n, ast.Call))
    used = (part for call in calls for part in (*call.args, getattr(call.func, "value", None)))
    return any(isinstance(part, ast.Name) and part.id == name for part in used)


def _is_special(handler: ast.ExceptHandler) -> bool:
    kind = handler.type
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    return all(last_name(each) not in _ANY if each else False for each in kinds)


def renews(container: Container, changes: Iterable[Change]) -> bool:
    """Whether a function that fills a container empties it first if it is out of date."""
    names = {container.name, f"cls.{container.name}", f"{container.owner.name}.{container.name}"}
    for branch in (n for node in {c.scope.node for c in changes} for n in nodes_of(node)):
        if isinstance(branch, ast.If) and _compares(branch.test):
            for node in branch.body:
                if names.intersection(map(written, _emptied(node))):
                    return True
    return False


def _emptied(node: ast.stmt) -> Sequence[ast.expr]:
    """Return what a statement assigns anew or clears."""
    match node:
        case ast.Assign(targets=targets):
            return targets
        case ast.Expr(value=ast.Call(func=ast.Attribute(value=cleared, attr="clear"))):
            return [cleared]
    return ()


def _compares(test: ast.expr) -> bool:
    """Whether two values are compared, and not one with None, or its presence asked for."""
    return isinstance(test, ast.Compare) and isinstance(
        test.ops[0], ast.NotEq | ast.Lt | ast.Gt | ast.LtE | ast.GtE
    )
