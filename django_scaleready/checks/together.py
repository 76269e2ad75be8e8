"""Findings that one mend puts right."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace

from django_scaleready.checks.base import Finding, Severity


def together(pairs: Iterable[tuple[Hashable, Finding]]) -> Iterator[Finding]:
    """Yield of the findings with one key the worst, and the first of these, with all the places."""
    by_key: dict[Hashable, list[Finding]] = {}
    for key, finding in pairs:
        by_key.setdefault(key, []).append(finding)
    for found in by_key.values():
        first = worst(found)
        places = dict.fromkeys(at for one in found for at in (one.location, *one.related))
        related = tuple(place for place in places if place != first.location)
        yield replace(first, related=related) if len(found) > 1 else first


def worst(found: Iterable[Finding]) -> Finding:
    """Return the first of the findings that are worst."""
    return min(found, key=lambda one: [*Severity].index(one.severity))
