"""Paths that lie in dictionaries under a name: ``context["export_dir"]``, ``{"export_dir": path}``.

A dictionary is handed from one function to the next, and its keys say more than its own name.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.paths.pathlike import ITEM
from django_scaleready.checks.code.summary import Fact, Term
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope

_WRITTEN = re.compile(rb"[\"']\w+_(dir|directory|file|folder|location|path|root)[\"']")


def path_items(reading: Reading) -> Iterator[Fact]:
    """Note what is put into dictionaries under the name of a path: (key, where it leads)."""
    module = reading.module
    if not _WRITTEN.search(module.content):
        return
    for scope in module.scopes:
        for key, value in _put(scope):
            term: Term = reading.term(value, scope)
            if term[:2] != ("item", key) and not _is_nothing(value):
                yield Fact(value.lineno, scope.function, (key, term))


def _put(scope: Scope) -> Iterator[tuple[str, ast.expr]]:
    for node, _ in scope.changes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Subscript) and (key := _key(target.slice)):
                    yield key, node.value
    for values in scope.bindings.values():
        for made in values:
            if made.__class__ is ast.Dict:
                for name, value in zip(made.keys, made.values, strict=True):
                    if key := _key(name):
                        yield key, value


def _key(node: ast.expr | None) -> str:
    key = node.value if isinstance(node, ast.Constant) else None
    return key if isinstance(key, str) and ITEM.fullmatch(key) else ""


def _is_nothing(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and not value.value
