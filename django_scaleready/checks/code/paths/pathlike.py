"""Which expressions may be a path, by the words they are made of, and which part says where."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django_scaleready.checks.code.paths.filled_in import first_filled_in
from django_scaleready.checks.code.tree.scopes import Scope

# What a function returns together; a longer tuple is a table.
MOST = 8
_WORDS = re.compile(
    r"path|file|dir|fold|tmp|temp|dest|target|loc|root|name|environ|getenv|storage|join|upload",
    re.IGNORECASE,
)

# A key of a dictionary that says what its value is, by two words.
ITEM = re.compile(r"[a-z0-9_]+_(dir|directory|file|folder|location|path|root)")
# What somebody else sends has keys of its own.
_SENT = re.compile(
    r"request|response|session|json|payload|message|_data\b|\b(GET|POST|FILES|META|environ)\b"
)


@lru_cache(maxsize=50_000)
def _is_word(name: str) -> bool:
    # The same few thousand names are asked about again and again.
    return _WORDS.search(name) is not None


def pathlike(node: ast.AST) -> bool:
    """Whether an expression may be a path, by the words it is made of; cheap, for most are not."""
    judge = _JUDGES.get(node.__class__)
    return judge(node) if judge else _parts_pathlike(node)


def _name_pathlike(node: ast.Name) -> bool:
    return node.id.isupper() or _is_word(node.id)


def _attribute_pathlike(node: ast.Attribute) -> bool:
    return _is_word(node.attr) or (node.value.__class__ is ast.Name and node.value.id == "settings")


def _constant_pathlike(node: ast.Constant) -> bool:
    return isinstance(node.value, str) and node.value.startswith(("/", "."))


def _operation_pathlike(node: ast.BinOp) -> bool:
    return isinstance(node.op, ast.Div) or pathlike(node.left)


def _call_pathlike(call: ast.Call) -> bool:
    if (
        _reads_setting(call)
        or item_of(call)
        or ((filled := first_filled_in(call)) and pathlike(filled))
    ):
        return True
    return pathlike(call.func) or pathlike(_of_call(call, call.func))


def _reads_setting(call: ast.Call) -> bool:
    """getattr(settings, "EXPORTS", "/srv/exports")."""
    named = isinstance(call.func, ast.Name) and call.func.id == "getattr" and call.args
    return bool(named) and getattr(call.args[0], "id", "") == "settings"


def bound_pathlike(node: ast.AST, scope: Scope) -> bool:
    """Whether what a name was bound to last may be a path, where the name does not say so."""
    bound = scope.bindings.get(node.id) if isinstance(node, ast.Name) else None
    return bound is not None and pathlike(bound[-1])


def _of_call(call: ast.Call, function: ast.expr) -> ast.expr:
    if isinstance(function, ast.Name) and function.id == "str" and call.args:
        return call.args[0]
    return function.value if isinstance(function, ast.Attribute) else function


def item_of(node: ast.AST) -> str:
    """Return the key under which a dictionary holds a path, "" if it is asked for none.

    ``context["export_dir"]``, ``context.get("export_dir")``.
    """
    if isinstance(node, ast.Subscript):
        key, holder = node.slice, node.value
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if node.func.attr not in {"get", "pop"} or not node.args:
            return ""
        key, holder = node.args[0], node.func.value
    else:
        return ""
    name = key.value if isinstance(key, ast.Constant) else None
    if not isinstance(name, str) or not ITEM.fullmatch(name):
        return ""
    return "" if _SENT.search(ast.unparse(holder)) else name


def _item_pathlike(node: ast.Subscript) -> bool:
    return bool(item_of(node)) or pathlike(node.value)


def _parts_pathlike(node: ast.AST) -> bool:
    if node.__class__ is ast.Tuple:
        # They were asked.
        return bool(parts(node))
    first = first_part(node)
    return any(map(pathlike, parts(node))) if first is None else pathlike(first)


_JUDGES: dict[type[ast.AST], Callable[[Any], bool]] = {
    ast.Attribute: _attribute_pathlike,
    ast.BinOp: _operation_pathlike,
    ast.Call: _call_pathlike,
    ast.Constant: _constant_pathlike,
    ast.Name: _name_pathlike,
    ast.Subscript: _item_pathlike,
}


def parts(node: ast.AST) -> list[ast.expr]:
    """Return what an expression may be, or of a tuple the paths that it holds."""
    kind = node.__class__
    if kind is ast.Tuple and len(node.elts) <= MOST:  # type: ignore[attr-defined]  # known
        return [e for e in node.elts if e.__class__ is not ast.Tuple and pathlike(e)]  # type: ignore[attr-defined]  # known
    if kind is ast.IfExp:
        return [node.body, node.orelse]  # type: ignore[attr-defined]  # known
    return node.values if kind is ast.BoolOp else []  # type: ignore[attr-defined]  # known


def first_part(node: ast.AST) -> ast.AST | None:
    """Return the part of an expression that says where the path begins."""
    if isinstance(node, ast.BinOp):
        return node.left
    if isinstance(node, ast.FormattedValue | ast.Subscript | ast.NamedExpr | ast.Await):
        return node.value
    if isinstance(node, ast.Starred | ast.Attribute):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return node.values[0] if node.values else None
    return None
