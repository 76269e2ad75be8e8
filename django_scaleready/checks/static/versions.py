"""Which Django a repository asks for, where its settings have names that some versions ignore."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from django_scaleready.checks.code import files

# DEFAULT_FILE_STORAGE and STATICFILES_STORAGE were taken out there.
WITHOUT_OLD_STORAGES = (5, 1)
_FILES = re.compile(
    r"(^|/)(requirements[^/]*\.(txt|in|pip)|requirements/[^/]+\.(txt|in|pip)|Pipfile(\.lock)?"
    r"|pyproject\.toml|(uv|poetry|pdm)\.lock|setup\.(py|cfg)|constraints[^/]*\.txt)$"
)
# Django==5.2.1, "django (>=5.1,<6)", django = "^5.1"; an upper bound says nothing.
_ASKED = re.compile(
    r"""(?<![\w./-])django(\[[\w, -]+\])?[\s=>~^("':{]*(version["'\s=:]*)?[=>~^]*(\d+)\.(\d+)""",
    re.IGNORECASE,
)
_LOCKED = re.compile(
    r"""^name = "django"\nversion = "(\d+)\.(\d+)|"django": \{[^}]*"version": "==(\d+)\.(\d+)""",
    re.IGNORECASE | re.MULTILINE,
)


def least_django(root: Path, listed: Iterable[str]) -> tuple[int, int] | None:
    """Return the oldest Django that a file of the repository asks for, None if none says."""
    found = []
    for name in listed:
        if _FILES.search(name):
            pattern = _LOCKED if name.endswith("lock") else _ASKED
            text = files.content(root, name).decode("utf-8", "replace")
            for match in pattern.finditer(text):
                major, minor = [part for part in match.groups() if part][-2:]
                found.append((int(major), int(minor)))
    return min(found, default=None)
