"""Statements that ask the database about itself: what it can do, and its version."""

from __future__ import annotations

import ast
import re

from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.scopes import Scope
from django_scaleready.checks.code.tree.syntax import last_name

# What is the same for as long as a server runs, and no replica changes; not which tables there are.
_TABLES = re.compile(r"(pg_catalog\.)?pg_(available_extensions|collation|extension|settings)")
_FROM = re.compile(r"\b(?:from|join)\b\s*([^\s,;()]*)")
_LISTED = re.compile(r"\bfrom\s+[\w.]+(\s+(as\s+)?\w+)?\s*,")
_OTHERS = re.compile(
    r"(show\s+[\w.]+|select\s+(sqlite_)?version\(\)|select\s+@@[\w.]+|pragma\s+compile_options)"
    r"\s*;?"
)
_EXECUTE = "execute"


def asks_of_itself(reading: Reading, scope: Scope) -> bool:
    """Whether all that a function asks the database is about that: its collations, its version."""
    if b"cursor" not in reading.module.content:
        return False
    queries = (site for site in reading.queries if site.scope is scope)
    if any(last_name(site.call.func) != "cursor" for site in queries):
        return False
    asked = reading.module.calls("callproc", "copy", "copy_expert", _EXECUTE, "executemany")
    statements = [site.call for site in asked if site.scope is scope]
    return bool(statements) and all(_is_of_itself(call, scope) for call in statements)


def _is_of_itself(call: ast.Call, scope: Scope) -> bool:
    given = call.args[0] if last_name(call.func) == _EXECUTE and call.args else None
    if isinstance(given, ast.Name):
        bound = scope.bindings.get(given.id, ())
        given = bound[0] if len(bound) == 1 else None
    if not isinstance(given, ast.Constant) or not isinstance(given.value, str):
        return False
    text = " ".join(given.value.lower().split())
    tables = _FROM.findall(text)
    if text.startswith("select ") and tables:
        return not _LISTED.search(text) and all(map(_TABLES.fullmatch, tables))
    return _OTHERS.fullmatch(text) is not None
