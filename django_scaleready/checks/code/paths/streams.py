"""Parameters that are an open file or a buffer, and no path."""

from __future__ import annotations

import ast

from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name, nodes_of

_STREAMS = frozenset(
    [
        *("BinaryIO", "BufferedIOBase", "BufferedReader", "BufferedWriter", "BytesIO", "File"),
        *("FileIO", "IO", "IOBase", "RawIOBase", "SpooledTemporaryFile", "StringIO", "TextIO"),
    ]
)
_PATHS = frozenset({"Any", "Path", "PathLike", "PurePath", "str"})


def is_stream(node: ast.expr, scope: Scope) -> bool:
    """Whether a name is a parameter that is annotated as a stream, and as nothing that is a path.

    ``def pack(orders, buffer: IO[bytes])``.
    """
    if not isinstance(node, ast.Name) or node.id not in scope.parameters:
        return False
    if node.id in scope.bindings:
        return False
    given = getattr(scope.node, "args", None)
    if not isinstance(given, ast.arguments):
        return False
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        if argument.arg == node.id and argument.annotation is not None:
            said = {last_name(part) for part in nodes_of(argument.annotation)}
            return not said.isdisjoint(_STREAMS) and said.isdisjoint(_PATHS)
    return False
