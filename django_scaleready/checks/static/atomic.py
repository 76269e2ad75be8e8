"""Whether each request is a transaction, also of a database that only the environment names."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

from django_scaleready.checks.static.reader.trees import parsed

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.static.reader.definitions import Definition, Settings

_KEY = "ATOMIC_REQUESTS"
_ON = f"{{'{_KEY}': True}}"
# DATABASES["default"]["CONN_MAX_AGE"] = 60 leaves the rest as it is.
_ENTRY = re.compile(rf"\{{'default': \{{'(?!{_KEY})\w+':")


def requests_are_atomic(settings: Settings, code: Codebase, root: Path) -> bool:
    """Whether ``DATABASES["default"]["ATOMIC_REQUESTS"] = True`` comes last.

    Or the entry is a dictionary of which that was said, or what a function of the project returns.
    """
    said = False
    for definition in settings.definitions.get("DATABASES", ()):
        shown = ast.unparse(definition.value) if definition.value else ""
        said = (
            shown == f"{{'default': {_ON}}}"
            or (said and _ENTRY.match(shown) is not None)
            or _names_atomic(settings, definition)
            or _returns_atomic(definition, code, root)
        )
    return said


def _default(definition: Definition) -> ast.expr | None:
    """Return what a definition of DATABASES gives the default database."""
    entries = definition.value
    if not isinstance(entries, ast.Dict):
        return None
    pairs = zip(entries.keys, entries.values, strict=True)
    return next((v for k, v in pairs if getattr(k, "value", None) == "default"), None)


def _names_atomic(settings: Settings, definition: Definition) -> bool:
    """Whether the entry is a dictionary that was made above: ``db["ATOMIC_REQUESTS"] = True``."""
    entry = _default(definition)
    if not isinstance(entry, ast.Name):
        return False
    of_key = [
        ast.unparse(each.value)
        for each in settings.definitions.get(entry.id, ())
        if each.value and each.path == definition.path and each.line < definition.line
    ]
    return next((s == _ON for s in reversed(of_key) if _KEY in s or not s.startswith("{")), False)


def _returns_atomic(definition: Definition, code: Codebase, root: Path) -> bool:
    """Whether each dictionary that a function of the project returns as the entry says so."""
    entry = _default(definition)
    if not isinstance(entry, ast.Call) or not definition.path.is_relative_to(root):
        return False
    path = definition.path.relative_to(root)
    # Settings that may be a script import what lies beside them: ``import database``.
    dotted = [".".join((*path.parent.parts, ast.unparse(entry.func)))]
    if own := code.by_path.get(path.as_posix()):
        dotted += (call.callee for call in own.functions[""].calls if call.line == entry.lineno)
    found = next(filter(None, map(code.function, dotted)), None)
    if found is None:
        return False
    returned = [
        node.value
        for function in ast.walk(parsed(root / found[0].path))
        if isinstance(function, ast.FunctionDef) and function.name == found[1]
        for node in ast.walk(function)
        if isinstance(node, ast.Return)
    ]
    return bool(returned) and all(map(_is_atomic, returned))


def _is_atomic(entry: ast.expr | None) -> bool:
    pairs = zip(entry.keys, entry.values, strict=True) if isinstance(entry, ast.Dict) else ()
    return any(
        getattr(key, "value", None) == _KEY and getattr(value, "value", None) is True
        for key, value in pairs
    )
