"""What a function does only because a file is missing: it makes again what should be there."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

_MISSING = "FileNotFoundError"


def refills(reading: Reading) -> Iterator[Fact]:
    """Note the calls under ``except FileNotFoundError``."""
    module = reading.module
    if _MISSING.encode() not in module.content:
        return
    for scope in module.functions.values():
        caught = {id(node) for handler in _handlers(scope.node) for node in nodes_of(handler)}
        for call, _ in scope.calls if caught else ():
            if id(call) in caught:
                yield Fact(call.lineno, scope.qualname)


def _handlers(function: ast.AST) -> Iterator[ast.ExceptHandler]:
    for node in nodes_of(function):
        if isinstance(node, ast.ExceptHandler) and last_name(node.type) == _MISSING:
            yield node
