"""What a file looks up by a key: ``caches["pages"]``, ``storages[settings.NAME]``."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import Module

SETTINGS = "django.conf.settings."


def lookups(module: Module, wanted: str, but: frozenset[ast.AST] = frozenset()) -> Iterator[Fact]:
    """Yield the keys that something is asked for: (key,), or ("", the setting that names it)."""
    for name, node in module.lookups:
        if module.imports.get(name) != wanted or node in but:
            continue
        if isinstance(node.slice, ast.Constant):
            yield Fact(node.lineno, "", (str(node.slice.value),))
        elif setting := module.resolve(node.slice).partition(SETTINGS)[2]:
            yield Fact(node.lineno, "", ("", setting))
