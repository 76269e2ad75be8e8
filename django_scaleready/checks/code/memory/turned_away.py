"""Sets that turn away what comes a second time: nonces, tokens, the ids of assertions."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.memory.containers import Change, Container
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

# What may be used once. Other things that are there already are registered, or visited.
_ONCE = re.compile(r"(^|_)(assertion|jti|nonce|replay(ed)?|token)s?(_|$)", re.IGNORECASE)


def is_turned_away(container: Container, use: Change) -> bool:
    """Whether a function adds a key to a set, and ends where it finds that in there.

    ``if nonce in SEEN: raise Replayed``, and then ``SEEN.add(nonce)``.
    """
    match use.node:
        case ast.Call(func=ast.Attribute(attr="add"), args=[ast.Name(id=key)]):
            said = {container.name, key, use.scope.name, *_asked(use.scope, key)}
            return any(map(_ONCE.search, said)) and any(
                _ends(node, key, container.name) for node in nodes_of(use.scope.node)
            )
    return False


def _asked(scope: Scope, key: str) -> set[str]:
    """Return the methods that a key comes from: ``auth.get_last_assertion_id()``."""
    made = scope.bindings.get(key, ())
    called = (value.func for value in made if isinstance(value, ast.Call))
    return {function.attr for function in called if isinstance(function, ast.Attribute)}


def _ends(node: ast.AST, key: str, name: str) -> bool:
    match node:
        case ast.If(
            test=ast.Compare(
                left=ast.Name(id=asked), ops=[ast.In()], comparators=[ast.Name(id=held)]
            ),
            body=[*_, ast.Raise() | ast.Return(value=ast.Constant(value=False))],
        ):
            return (asked, held) == (key, name)
    return False
