"""Which versions of a package a repository asks for, where not all of them behave alike."""

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
# redis==5.2.1, "redis[hiredis]>=4,<6", redis = "^5.1", redis = {version = "~5.1"}.
_SPECIFIED = r"""(?im)(?<![\w./\[-])%s(?:\[[\w, -]+\])?"?[ \t]*(?:=[ \t]*(?=["'{]))?[ \t({]*
(?:version[ \t]*=[ \t]*)?["']?((?:[ \t]*(?:[=<>!~^]=?=?[ \t]*|(?<=["']))\d[\d.*]*,?)+)"""
_PART = re.compile(r"([=<>!~^]*)[ \t]*(\d+)((?:\.\d+)*)")
_PINNED = r"""(?im)^name = "%s"\nversion = "(\d+)|"%s": \{[^}]*"version": "==(\d+)"""


def is_older(root: Path, listed: Iterable[str], package: str, major: int) -> bool:
    """Whether some file of the repository asks for an older major version, and none for another.

    A lower bound allows any that is newer, and so says nothing unless it is a newer one itself.
    """
    name = re.escape(package)
    pinned = re.compile(_PINNED % (name, name))
    specified = re.compile((_SPECIFIED % name).replace("\n", ""))
    said: set[bool | None] = set()
    for path in listed:
        if not _FILES.search(path):
            continue
        text = files.content(root, path).decode("utf-8", "replace")
        if path.endswith("lock"):
            said |= {int(m[1] or m[2]) < major for m in pinned.finditer(text)}
        else:
            said |= {_is_below(match[1], major) for match in specified.finditer(text)}
    return True in said and False not in said


def _is_below(specified: str, major: int) -> bool | None:
    """Whether a specifier allows only what is older, only what is not (False), or either (None)."""
    found = None
    for operator, first, rest in _PART.findall(specified):
        version = int(first)
        exclusive = operator == "<" and not rest.strip(".0")
        if operator in {">", ">="}:
            found = False if version >= major else found
        elif operator in {"<", "<="}:
            found = True if version < major or (version == major and exclusive) else found
        elif operator != "!=":
            found = version < major
    return found


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
