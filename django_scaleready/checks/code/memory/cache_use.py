"""Which caches a file uses, as more than one rule asks."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.memory.read_through import CACHES
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.lookups import lookups
from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import nodes_of

NOTED = "cache-use"
# It lets go of connections, and neither keeps a value nor asks for one.
_CLOSES = "close"


def cache_use(reading: Reading) -> Iterator[Fact]:
    """Note the aliases that a file uses: (alias,), or ("", the setting that names it)."""
    module = reading.module
    for bound, line in module.import_lines.items():
        dotted = module.imports[bound]
        if not dotted.startswith(CACHES) or dotted == "django.core.cache.caches":
            continue
        if not _is_only_closed(module, bound, dotted):
            yield Fact(line, "", ("default",))
    yield from lookups(module, "django.core.cache.caches")


def _is_only_closed(module: Module, bound: str, dotted: str) -> bool:
    """Whether the cache is imported, and ``cache.close()`` is all that is said of it."""
    if dotted != "django.core.cache.cache" or _CLOSES not in module.mentions:
        return False
    nodes = nodes_of(module.top.node)
    said = sum(1 for node in nodes if isinstance(node, ast.Name) and node.id == bound)
    closed = [
        node
        for node in nodes
        if isinstance(node, ast.Attribute)
        and node.attr == _CLOSES
        and isinstance(node.value, ast.Name)
        and node.value.id == bound
    ]
    return bool(closed) and said == len(closed)
