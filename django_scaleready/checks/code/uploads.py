"""Uploads that code reaches by their path, past the storage: ``order.scan.path``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.only_with import only_with
from django_scaleready.checks.code.reading import Reading
from django_scaleready.checks.code.scopes import DEBUG, MAIN, NEVER, Scope
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.syntax import nodes_of

# Looked for in the text: few files have one, and their trees are gone through once more.
_WRITTEN = re.compile(rb"\.(?!request\b)[A-Za-z_]\w*\.path\b(?!\s*\()")


@only_with("path")
def upload_paths(reading: Reading) -> Iterator[Fact]:
    """Note where the path of what may be a field's file is asked for: (the field's name,)."""
    module = reading.module
    if not _WRITTEN.search(module.content):
        return
    seen = set()
    for scope in module.scopes:
        for line, field in _asked(scope) if "path" in scope.attributes else ():
            if (line, scope.function) not in seen:
                seen.add((line, scope.function))
                yield Fact(line, scope.function, (field,))


def _asked(scope: Scope) -> Iterator[tuple[int, str]]:
    """Yield where an attribute called path of another attribute is used, and that one's name."""
    run: list[ast.expr] = [
        call for call, flags in scope.calls if not flags & (DEBUG | MAIN | NEVER)
    ]
    run += [value for values in scope.bindings.values() for value in values]
    for expression in (*run, *scope.returns):
        for node in nodes_of(expression):
            held = node.value if isinstance(node, ast.Attribute) and node.attr == "path" else None
            if isinstance(held, ast.Attribute):
                yield held.lineno, held.attr
