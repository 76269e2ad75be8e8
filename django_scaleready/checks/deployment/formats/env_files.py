"""The variables that the files hold which compose files name: ``env_file: shop.env``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from django_scaleready.checks.code.loading import files

_LINE = re.compile(r"^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=[ \t]*(.*?)[ \t]*$", re.MULTILINE)
_QUOTED = re.compile(r"""(["'])(.*?)\1(\s+#.*)?""")
_COMMENT = re.compile(r"(^|\s+)#.*")

_PRODUCTION = re.compile(r"(^|[-_./])prod(uction)?([-_.]|$)")


def variables(root: Path, paths: Iterable[str]) -> dict[str, str | None]:
    """Return what the files in the repository set of some; the last one holds.

    What is made of other variables is None.
    """
    found: dict[str, str | None] = {}
    for path in paths:
        if "$" in path or path.startswith(("/", "..")):
            continue
        text = files.content(root, path).decode("utf-8", "replace")
        found.update((key, _value(written)) for key, written in _LINE.findall(text))
    return found


def of_production(root: Path, paths: Iterable[str]) -> list[str]:
    """Return those of some that are for production, by their names.

    One whose end a machine fills in, ``shop.env${SUFFIX}``, may be ``shop.env.production``.
    """
    found = []
    for path in paths:
        ways = (f"{path}{end}" for end in ("", ".production", ".prod"))
        own = (way for way in ways if _PRODUCTION.search(way) and (root / way).is_file())
        found += list(own)[:1]
    return found


def _value(written: str) -> str | None:
    quoted = _QUOTED.fullmatch(written)
    value = quoted[2] if quoted else _COMMENT.sub("", written)
    return None if "$" in value else value
