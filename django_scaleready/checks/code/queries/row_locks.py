"""Locks of one process that stand before rows of the database, which all processes change."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.containers import CLEAR, FILL
from django_scaleready.checks.code.queries.database import is_queryset
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import LOCKED, Scope, Site
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# What has such methods is a registry of the process: objects by their names.
REGISTERS = ("register", "unregister")
LOCKS = frozenset({"threading.Lock", "threading.RLock"})
WRITES = frozenset({"bulk_create", "bulk_update", "create", "delete", "update"})


def row_locks(reading: Reading) -> Iterator[Fact]:
    """Note the blocks that ask the database under such a lock: (kind of lock, the lock's name).

    What is kept in memory under it is what the lock is for.
    """
    module = reading.module
    asked = [site for site in reading.queries if site.flags & LOCKED and not site.guarded]
    if not asked:
        return
    for site in module.calls_that_run("Lock", "RLock"):
        kind = module.resolve(site.call.func)
        name = next((n for n, v in site.scope.bindings.items() if site.call in v), "")
        if kind in LOCKS and name and site.scope.kind != "function":
            for scope, block in _blocks(asked, name):
                if not _keeps(scope, block):
                    lock = f"{module.name}.{site.scope.qualname}.{name}"
                    yield Fact(block.lineno, scope.function, (kind, ("name", lock)))


def _blocks(asked: list[Site], name: str) -> Iterator[tuple[Scope, ast.With]]:
    """Yield the blocks under a lock of that name in which something is asked, each once."""
    calls = {id(site.call) for site in asked}
    for scope in dict.fromkeys(site.scope for site in asked):
        held = (node for node in nodes_of(scope.node) if isinstance(node, ast.With))
        for block in held:
            locked = any(_is_named(item, name) for item in block.items)
            if locked and any(id(inner) in calls for inner in nodes_of(block)):
                yield scope, block


def _is_named(item: ast.withitem, name: str) -> bool:
    return name == last_name(item.context_expr)


def _keeps(scope: Scope, block: ast.With) -> bool:
    """Whether a block keeps something in memory: in the object too, unless it changes rows.

    So it does with a registry.
    """
    writes = any(_writes(node) for node in nodes_of(block))
    if not writes and any(_registers(node) for node in nodes_of(block)):
        return True
    return any(
        _changes(target, scope, own=not writes)
        for node in nodes_of(block)
        for target in _changed(node)
    )


def _registers(node: ast.AST) -> bool:
    called = node.func if isinstance(node, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr.startswith(REGISTERS)


def _writes(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    return node.func.attr == "save" or (node.func.attr in WRITES and is_queryset(node))


def _changed(node: ast.AST) -> list[ast.expr]:
    """Return what a statement assigns to, and the container that a call changes."""
    if isinstance(node, ast.Assign):
        return node.targets
    if isinstance(node, ast.AugAssign | ast.AnnAssign):
        return [node.target]
    called = node.func if isinstance(node, ast.Call) else None
    if isinstance(called, ast.Attribute) and called.attr in {*FILL, *CLEAR}:
        return [ast.Subscript(called.value, ast.Constant(0))]
    return []


def _changes(target: ast.expr, scope: Scope, *, own: bool) -> bool:
    """Whether that outlives the block. ``own``: an attribute of ``self`` counts."""
    inside = isinstance(target, ast.Subscript)
    while isinstance(target, ast.Subscript):
        target = target.value
    if isinstance(target, ast.Name):
        local = target.id in scope.bindings or target.id in scope.parameters
        return target.id in scope.globals or (inside and not local)
    if not isinstance(target, ast.Attribute):
        return False
    holder = getattr(target.value, "id", "")
    if not inside and any(map(is_queryset, scope.bindings.get(holder, ()))):
        # A row that was asked for here, and is saved or forgotten.
        return False
    return inside or own or holder != "self"
