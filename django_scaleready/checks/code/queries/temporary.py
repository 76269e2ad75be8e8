"""Temporary tables and views that do not outlive the transaction which makes them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from django_scaleready.checks.code.tree.module import Module
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import nodes_of

TABLE = "a temporary table"
VIEW = "a temporary view"
TEMPORARY = {
    TABLE: r"\bCREATE\s+(LOCAL\s+)?TEMP(ORARY)?\s+TABLE\b(?!.*\bON\s+COMMIT\s+DROP)",
    VIEW: r"\bCREATE\s+(OR\s+REPLACE\s+)?TEMP(ORARY)?\s+(RECURSIVE\s+)?VIEW\b",
}
ATOMIC = "transaction.atomic"
_MAKES = [re.compile(text, re.IGNORECASE | re.DOTALL) for text in TEMPORARY.values()]
# The name of a temporary table, or view.
_MADE = re.compile(
    r"\bTEMP(?:ORARY)?\s+(?:RECURSIVE\s+)?(?:TABLE|VIEW)\s+(?:IF\s+NOT\s+EXISTS\s+)?"
    r"(\"[^\"]+\"|\w+|)",
    re.IGNORECASE,
)
_DROPS_ANY = re.compile(r"(?im)\bDROP\s+(TABLE|VIEW)\s+(IF\s+EXISTS\s+)?\"?$")


def is_of_a_transaction(module: Module, node: ast.Constant, scope: Scope) -> bool:
    """Whether the temporary tables of a text end with the transaction that makes them."""
    return _is_dropped_at_once(module, node, scope) or _is_atomic(module, node, scope)


def _is_atomic(module: Module, node: ast.Constant, scope: Scope) -> bool:
    """Whether the function, or a block in it, is a transaction that makes and drops the tables."""
    names = _MADE.findall(str(node.value))
    whole = any(name.endswith(ATOMIC) for name in module.decorators(scope))
    for block in [scope.node] if whole else _blocks(module, scope):
        inside = {id(each) for each in nodes_of(block)}
        texts = [(id(other) in inside, str(other.value)) for other, *_ in module.strings]
        text = "\n".join(text for here, text in texts if here)
        others = "\n".join(text for here, text in texts if not here)
        if id(node) in inside and all(_is_dropped(name, text, others) for name in names):
            return True
    return False


def _blocks(module: Module, scope: Scope) -> Iterator[ast.AST]:
    """Yield the ``with transaction.atomic()`` of a function."""
    for block in nodes_of(scope.node) if scope.kind == "function" else ():
        if isinstance(block, ast.With):
            opened = (item.context_expr for item in block.items)
            calls = (each.func if isinstance(each, ast.Call) else each for each in opened)
            if any(module.resolve(function).endswith(ATOMIC) for function in calls):
                yield block


def _is_dropped_at_once(module: Module, node: ast.Constant, scope: Scope) -> bool:
    """Whether the temporary tables of a text do not outlive the transaction that it is.

    It drops and reads all of them, and nothing else does. An f-string is read as a whole.
    """
    joined = (each for each in nodes_of(scope.node) if isinstance(each, ast.JoinedStr))
    parts: list[ast.expr] = next((each.values for each in joined if node in each.values), [node])
    text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
    others = "\n".join(str(other.value) for other, *_ in module.strings if other not in parts)
    names = _MADE.findall(text) or [""]
    dropped = not any(made.search(text) for made in _MAKES)
    return dropped or (all(names) and all(_is_of_one(name, text, others) for name in names))


def _is_of_one(name: str, text: str, others: str) -> bool:
    """Whether a text drops a table that it makes, reads it, and no other one does."""
    reads = _says(rf"(FROM|JOIN)\s+{re.escape(name)}", text)
    return reads and _drops(name, text, others)


def _is_dropped(name: str, text: str, others: str) -> bool:
    """Whether a transaction drops what it makes; a name that is put together is told by no text."""
    return _drops(name, text, others) if name else _DROPS_ANY.search(text) is not None


def _drops(name: str, text: str, others: str) -> bool:
    """Whether a text drops a table, and no other one names it."""
    return _says(rf"DROP\s+(TABLE|VIEW)\s+(IF\s+EXISTS\s+)?{re.escape(name)}", text) and not _says(
        rf"(FROM|JOIN|INTO|TABLE|VIEW|UPDATE)\s+{re.escape(name)}", others
    )


def _says(words: str, text: str) -> bool:
    return re.search(rf"\b{words}(?!\w)", text, re.IGNORECASE) is not None
