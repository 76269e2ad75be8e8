"""Caches of an alias that only save work: ``pages = caches["pages"]``, see ``read_through``."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator

from django_scaleready.checks.code.memory.read_through import saves_work
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.lookups import lookups
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import nodes_of

NOTED = "alias-reads-through"
_CACHES = "django.core.cache.caches"
_PUTS = frozenset({"get_or_set", "set"})


def alias_reads_through(reading: Reading) -> Iterator[Fact]:
    """Note the caches whose uses in a file all save work for a time.

    (what the file calls it, alias), or (name, "", the setting that names the alias).
    """
    module = reading.module
    if _CACHES not in module.imports.values() or module.mentions.isdisjoint(_PUTS):
        return
    times = Counter(fact.data for fact in lookups(module, _CACHES))
    nodes = frozenset(node for _, node in module.lookups)
    for name, values in module.top.bindings.items():
        if len(values) != 1 or values[0] not in nodes:
            continue
        # Asked for twice, it has another name as well.
        for fact in lookups(module, _CACHES, nodes - {values[0]}):
            if times[fact.data] == 1 and _only_saves_work(module, name):
                yield Fact(fact.line, "", (name, *fact.data))


def _only_saves_work(module: Module, name: str) -> bool:
    """Whether functions use a cache, all of them to save work."""
    allowed: set[ast.AST] = set()
    for scope in module.functions.values():
        # What is given the name means something else by it.
        around = (outer for outer in scope.outer if outer.kind == "function")
        if any(name in outer.parameters or name in outer.bindings for outer in around):
            return False
        if name in scope.names and isinstance(scope.node, ast.FunctionDef | ast.AsyncFunctionDef):
            allowed |= saves_work(scope.node, {name}, timed=True)
    used = [n for n in nodes_of(module.top.node) if isinstance(n, ast.Name) and n.id == name]
    loaded = [node for node in used if isinstance(node.ctx, ast.Load)]
    return bool(loaded) and len(used) == len(loaded) + 1 and allowed.issuperset(loaded)
