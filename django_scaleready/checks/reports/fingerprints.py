"""What identifies a finding from one run to the next, though lines move above it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from django_scaleready.checks.base import Location
from django_scaleready.checks.engine import Found

_DIGITS = 16


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
    seen: Counter[tuple[str, str, str]] = Counter()
    made: dict[int, str] = {}
    for index in in_file:
        place = found[index].finding.location
        key = (found[index].rule.code, place.path, text(place))
        seen[key] += 1
        whole = "\0".join([*key, str(seen[key])])
        # A name of a file need not be UTF-8.
        digest = hashlib.sha256(whole.encode("utf-8", "backslashreplace"))
        made[index] = digest.hexdigest()[:_DIGITS]
    return tuple(made[index] for index in range(len(found)))
