"""What identifies a finding from one run to the next, though lines move above it."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django_scaleready.checks.base import Found, Location, Unknown
from django_scaleready.checks.reports.report import Other

_DIGITS = 16
# As in shop/urls.py:12, and in a reason that begins with the line.
_LINE = re.compile(r"(?<=:)\d+|(?<=line )\d+")


def fingerprints(found: Sequence[Found], root: Path) -> tuple[str, ...]:
    """Return 16 hexadecimal digits for each finding, in the same order.

    Made of the rule, the path and the text of the line without its indentation; equal ones are
    numbered from the top. A line that moves keeps its own, one that is rewritten gets another.
    """

    @cache
    def lines(path: str) -> list[str]:
        try:
            # Not splitlines(): to Python a form feed ends no line.
            return (root / path).read_text(encoding="utf-8", errors="replace").split("\n")
        except OSError:
            return []

    def text(place: Location) -> str:
        written = lines(place.path)
        return written[place.line - 1].strip() if 0 < place.line <= len(written) else ""

    in_file = sorted(range(len(found)), key=lambda index: found[index].finding.location.line)
    seen: Counter[tuple[str, ...]] = Counter()
    made: dict[int, str] = {}
    for index in in_file:
        place = found[index].finding.location
        made[index] = _numbered(seen, found[index].rule.code, place.path, text(place))
    return tuple(made[index] for index in range(len(found)))


def of_unknown(unknown: Sequence[Unknown]) -> tuple[str, ...]:
    """Return the same for what could not be decided: the subject and the reason, without lines."""
    seen: Counter[tuple[str, ...]] = Counter()
    return tuple(
        _numbered(seen, _LINE.sub("", each.subject), _LINE.sub("", each.reason)) for each in unknown
    )


def of_others(others: Sequence[Other]) -> tuple[str, ...]:
    """Return the same for messages of other checks: the id, the object and what is said."""
    seen: Counter[tuple[str, ...]] = Counter()
    return tuple(_numbered(seen, each.id or "", each.object or "", each.message) for each in others)


def _numbered(seen: Counter[tuple[str, ...]], *key: str) -> str:
    """Return the digest of a key, and of how many like it there were before."""
    seen[key] += 1
    whole = "\0".join([*key, str(seen[key])])
    # A name of a file need not be UTF-8.
    digest = hashlib.sha256(whole.encode("utf-8", "backslashreplace"))
    return digest.hexdigest()[:_DIGITS]
