"""Where a path leads: to the replica's own disk, to a temporary file, or nobody knows."""

from __future__ import annotations

import ast
import enum

from django_scaleready.checks.scope import value_of
from django_scaleready.checks.source import Function, Source, Sources

DEPTH = 8
# They return a path made of their first argument.
WRAPPERS = frozenset(
    [
        *(f"os.path.{name}" for name in ("abspath", "dirname", "expanduser", "join", "normpath")),
        *("os.path.realpath", "os.fspath", "pathlib.Path", "pathlib.PurePath", "str", "open"),
        *("django.utils._os.safe_join",),
    ]
)
ENVIRONMENT = frozenset({"os.environ.get", "os.getenv"})
MEMORY = frozenset({"io.BytesIO", "io.StringIO"})


class Origin(enum.StrEnum):
    """What is known of a path."""

    LOCAL = "local"
    TEMPORARY = "temporary"
    NOWHERE = "nowhere"
    UNKNOWN = "unknown"


class Paths:
    """Follows path expressions through one project."""

    def __init__(self, sources: Sources) -> None:
        """Take the project's source."""
        self._sources = sources

    def origin(self, source: Source, node: ast.AST | None, depth: int = 0) -> Origin:
        """Return where the path in an expression leads."""
        if node is None or depth > DEPTH:
            return Origin.UNKNOWN
        if isinstance(node, ast.Constant):
            return _literal(node.value)
        if isinstance(node, ast.Call):
            return self._call(source, node, depth)
        if isinstance(node, ast.Name | ast.Attribute):
            return self._name(source, node, depth)
        return self.origin(source, _first_part(node), depth + 1)

    def literal(self, source: Source, node: ast.AST) -> str | None:
        """Return the path if it is written out where it is used, else None."""
        if isinstance(node, ast.Name):
            node = value_of(source, node.id, source.function_of(node)) or node
        value = node.value if isinstance(node, ast.Constant) else None
        return value if isinstance(value, str) else None

    def _name(self, source: Source, node: ast.Name | ast.Attribute, depth: int) -> Origin:
        dotted = source.resolve(node)
        if dotted == "__file__" or ".settings." in f".{dotted}":
            return Origin.LOCAL
        if value := value_of(source, ast.unparse(node), source.function_of(node)):
            return Origin.UNKNOWN if value is node else self.origin(source, value, depth + 1)
        module, _, name = dotted.rpartition(".")
        other = self._sources.by_module.get(module)
        if other is not None:
            return self.origin(other, value_of(other, name, None), depth + 1)
        if isinstance(node, ast.Attribute):
            # path.parent, and the name of a temporary file; a field's .path is not known.
            inner = self.origin(source, node.value, depth + 1)
            known = node.attr in {"name", "parent"} or inner is Origin.TEMPORARY
            return inner if known else Origin.UNKNOWN
        return Origin.UNKNOWN

    def _call(self, source: Source, call: ast.Call, depth: int) -> Origin:
        name = source.resolve(call.func)
        if known := _known_call(name):
            return known
        if name in WRAPPERS:
            return self.origin(source, call.args[0] if call.args else None, depth + 1)
        if found := self._sources.function(name) or _own(source, name):
            return self._returned(*found, depth + 1)
        # What joinpath(), with_suffix() or format() make begins as their object does.
        base = call.func.value if isinstance(call.func, ast.Attribute) else None
        return self.origin(source, base, depth + 1)

    def _returned(self, source: Source, function: Function, depth: int) -> Origin:
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                return self.origin(source, node.value, depth)
        return Origin.UNKNOWN


def _known_call(name: str) -> Origin | None:
    if name.startswith("tempfile."):
        return Origin.TEMPORARY
    if name in MEMORY:
        return Origin.NOWHERE
    return Origin.LOCAL if name in ENVIRONMENT or name.endswith("_storage.path") else None


def _own(source: Source, name: str) -> tuple[Source, Function] | None:
    function = source.functions.get(name)
    return (source, function) if function else None


def _literal(value: object) -> Origin:
    if not isinstance(value, str):
        return Origin.UNKNOWN
    return Origin.NOWHERE if value.startswith(("/dev/", "/proc/")) else Origin.LOCAL


def _first_part(node: ast.AST) -> ast.AST | None:
    """Return the part of an expression that says where the path begins."""
    if isinstance(node, ast.BinOp):
        return node.left
    if isinstance(node, ast.BoolOp):
        return node.values[-1]
    if isinstance(node, ast.IfExp):
        return node.body
    if isinstance(node, ast.FormattedValue | ast.Subscript | ast.NamedExpr):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return node.values[0] if node.values else None
    return None
