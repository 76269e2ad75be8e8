"""The time limits that a project's own rows give to its classes: fixtures, and data migrations.

``{"class": "shop.plugins.Prices", "soft_time_limit": 30}``: what runs any of its classes by the row
that names it ends it after that long.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files

FOLDERS = (("migrations", "*.py"), ("fixtures", "*.json"))
# A larger fixture is data, and no list of what the project can do.
MOST = 200_000


def row_limits(code: Codebase, root: Path, column: str) -> dict[str, float]:
    """Return the longest limit that a row has in a column, by each dotted name that it says."""
    found: dict[str, float] = {}
    for path in _data(code, root):
        content = files.content(root, path)
        if column.encode() not in content or len(content) > MOST:
            continue
        try:
            # JSON reads as Python does, but for the names of its constants.
            tree = ast.parse(content)
        except (SyntaxError, ValueError):
            continue
        for row in ast.walk(tree):
            if isinstance(row, ast.Dict) and (limit := _limit(row, column)) is not None:
                for name in _names(row):
                    found[name] = max(found.get(name, 0), limit)
    return found


def _data(code: Codebase, root: Path) -> Iterator[str]:
    folders = {path.rpartition("/")[0] for path in code.by_path}
    for folder in sorted(folders):
        for name, pattern in FOLDERS:
            for path in sorted((root / folder / name).glob(pattern)):
                yield path.relative_to(root).as_posix()


def _limit(row: ast.Dict, column: str) -> float | None:
    for key, value in zip(row.keys, row.values, strict=True):
        if isinstance(key, ast.Constant) and key.value == column:
            limit = getattr(value, "value", None)
            return limit if isinstance(limit, int | float) else None
    return None


def _names(row: ast.Dict) -> Iterator[str]:
    for node in ast.walk(row):
        text = node.value if isinstance(node, ast.Constant) else None
        if isinstance(text, str) and "." in text and text.replace(".", "").isidentifier():
            yield text
