"""A scheduler that is only asked something, and ended again."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.scopes import Site
from django_scaleready.checks.code.tree.syntax import nodes_of, written

# Its start() is over when it is shut down, from another thread.
_BLOCKS = "BlockingScheduler"
# Whoever comes to one of them may be there for as long as the process lives.
_STAYS = (
    *(ast.AsyncFor, ast.AsyncWith, ast.Await, ast.For, ast.Try, ast.While, ast.With),
    *(ast.Yield, ast.YieldFrom),
)


def is_shut_down_at_once(site: Site) -> bool:
    """Whether the function that starts a scheduler ends it, and asks only itself in between.

    Any other call may wait: ``start(); serve(); shutdown()``.
    """
    if site.scope.kind != "function" or written(site.call.func).endswith(_BLOCKS):
        return False
    body: list[ast.stmt] = next(
        (
            block
            for node in nodes_of(site.scope.node)
            if (block := getattr(node, "body", None)) and isinstance(block, list)
            for statement in block
            if _made(statement) is site.call
        ),
        [],
    )
    made = next((n for n, each in enumerate(body) if _made(each) is site.call), len(body))
    for name in site.names:
        for place, statement in enumerate(body[made + 1 :], made + 1):
            if _calls(statement, f"{name}.shutdown"):
                return all(_only_asks(each, name) for each in body[made + 1 : place])
    return False


def _made(statement: ast.stmt) -> ast.expr | None:
    return statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None


def _calls(statement: ast.stmt, called: str) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and written(call.func) == called


def _only_asks(statement: ast.stmt, name: str) -> bool:
    """Whether a statement calls nothing but the methods of an object."""
    nodes = nodes_of(statement)
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    asked = all(written(call.func).startswith(f"{name}.") for call in calls)
    return asked and not any(isinstance(node, _STAYS) for node in nodes)
