"""Where the current folder is a temporary one: under a decorator, in a block, after a call."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable

from django_scaleready.checks.code.summary import Term
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

# tempdir.run_in_tempdir, in_temporary_directory, click's isolated_filesystem.
_MOVES = re.compile(
    r"((run|work|chdir|cd)_?)?(in|into|to|with)_?(an?_)?te?mp(orary)?_?(dir|directory|folder|cwd)"
    r"|isolated_filesystem",
    re.IGNORECASE,
)
_CHANGES = frozenset({"chdir", "pushd", "working_directory"})
_Block = ast.With | ast.AsyncWith


def is_moved(scope: Scope, line: int, term: Callable[[ast.expr, Scope], Term]) -> bool:
    """Whether the current folder on a line is one that dies with the call, or with its block.

    ``term`` says where the value of an expression comes from.
    """
    functions = [outer for outer in scope.outer if outer.kind == "function"]
    if any(_moves(decorator) for outer in functions for decorator in outer.decorators):
        return True
    return any(_is_moved_in(outer, line, term) for outer in functions)


def _moves(node: ast.expr) -> bool:
    called = node.func if isinstance(node, ast.Call) else node
    return _MOVES.fullmatch(last_name(called)) is not None


def _is_moved_in(scope: Scope, line: int, term: Callable[[ast.expr, Scope], Term]) -> bool:
    for node in nodes_of(scope.node):
        if isinstance(node, _Block) and node.body[0].lineno <= line <= (node.end_lineno or 0):
            items = [item.context_expr for item in node.items]
            if any(_moves(item) or _leads_to_temporary(item, scope, term) for item in items):
                return True
        if (
            isinstance(node, ast.Expr)
            and node.lineno < line
            and _leads_to_temporary(node.value, scope, term)
            and not _is_back(node, scope, line)
        ):
            return True
    return False


def _leads_to_temporary(
    node: ast.expr, scope: Scope, term: Callable[[ast.expr, Scope], Term]
) -> bool:
    """Whether a call changes to a folder that tempfile made."""
    if not isinstance(node, ast.Call) or last_name(node.func) not in _CHANGES:
        return False
    return bool(node.args) and term(node.args[0], scope) == ("temp",)


def _is_back(node: ast.Expr, scope: Scope, line: int) -> bool:
    """Whether the function changes to another folder between a statement and a line."""
    return any(
        last_name(call.func) == "chdir" and node.lineno < call.lineno < line
        for call, _ in scope.calls
    )
