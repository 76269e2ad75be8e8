"""Which versions of a package a repository asks for, where not all of them behave alike."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files

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
_PART = re.compile(r"([=<>!~^]*)[ \t]*(\d+(?:\.\d+)*)(\.\*)?")
_PINNED = r"""(?im)^name = "%s"\nversion = "(\d[\d.]*)|"%s": \{[^}]*"version": "==(\d[\d.]*)"""


def asks_older(code: Codebase, root: Path, package: str, version: tuple[int, ...]) -> bool:
    """Whether the files of a project ask for nothing but older versions of a package."""
    return is_older(root, code.listed, package, version)


def is_older(root: Path, listed: Iterable[str], package: str, version: tuple[int, ...]) -> bool:
    """Whether some file of the repository asks for an older version, and none for another.

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
            said |= {parts(match[1] or match[2]) < version for match in pinned.finditer(text)}
        else:
            said |= {_is_below(match[1], version) for match in specified.finditer(text)}
    return True in said and False not in said


def parts(version: str) -> tuple[int, ...]:
    """Return the numbers that a version begins with, those that are nought at its end left out."""
    found = re.match(r"\d*(\.\d+)*", version)
    numbers = [int(part) for part in found[0].split(".") if part] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _is_below(specified: str, version: tuple[int, ...]) -> bool | None:
    """Whether a specifier allows only what is older, only what is not (False), or either (None)."""
    found = None
    for operator, text, star in _PART.findall(specified):
        asked = parts(text)
        if operator in {">", ">="}:
            found = False if asked >= version else found
        elif operator in {"<", "<="}:
            found = True if asked < version or (asked == version and operator == "<") else found
        elif operator in {"^", "~", "~="} or star:
            held = _held(operator, tuple(map(int, text.split("."))))
            some = held == version[: len(held)] and asked < version
            found = None if some else held < version[: len(held)]
        elif operator != "!=":
            found = asked < version
    return found


def _held(operator: str, named: tuple[int, ...]) -> tuple[int, ...]:
    """Return the numbers that a specifier holds fast: ``^4.1`` the first, ``~4.1`` two."""
    if operator == "^":
        return named[:1]
    if operator == "~":
        return named[:2]
    return named[: max(1, len(named) - 1)] if operator == "~=" else named


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
