"""Databases that a process adds to those of the settings as it runs."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from django_scaleready.checks.code.clients.sessions import possible
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading
from django_scaleready.checks.code.tree.syntax import written

_DATABASES = "django.db.connections.databases"
_SQLITE = ("'django.db.backends.sqlite3'", "'django.contrib.gis.db.backends.spatialite'")
# dj_database_url.parse("sqlite:///shop.db"), be it put together.
_ADDRESSES = ("'sqlite:", "'spatialite:")
# Of a file that is only read, or of none at all.
_NO_FILE = ("mode=ro", "immutable=1", ":memory:")


def added_databases(reading: Reading) -> Iterator[Fact]:
    """Note each ``connections.databases["words"] = {...}`` that names a file of SQLite's."""
    module = reading.module
    if "databases" not in module.mentions or "django" not in module.roots:
        return
    for scope in module.scopes:
        for node, _ in scope.changes:
            if not isinstance(node, ast.Assign):
                continue
            held = (t.value for t in node.targets if isinstance(t, ast.Subscript))
            if not any(module.resolve(each) == _DATABASES for each in held):
                continue
            shown = " ".join(map(written, possible(node.value, scope)))
            if _is_sqlite(shown) and not any(word in shown for word in _NO_FILE):
                yield Fact(node.lineno, module.function_of(scope))


def _is_sqlite(shown: str) -> bool:
    return any(engine in shown for engine in (*_SQLITE, *_ADDRESSES))
