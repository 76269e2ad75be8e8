"""Findings that one mend puts right."""

from __future__ import annotations

import posixpath
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.overlays import PLAIN

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process


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
    """Return the first of the findings that are worst, a plain compose file's before another's."""
    return min(found, key=lambda one: ([*Severity].index(one.severity), not _is_plain(one)))


def _is_plain(finding: Finding) -> bool:
    return PLAIN.fullmatch(posixpath.basename(finding.location.path)) is not None


def of_service(process: Process, command: Command) -> Hashable:
    """Return what a command has in common with that of the same service in another compose file.

    Files that lie beside each other say otherwise how the one service is run. What no compose file
    says itself stands for itself.
    """
    path = command.location.path
    if process.kind is not Kind.COMPOSE or path != process.location.path:
        return command.location
    given = command.management or next((w for w in command.arguments if w[:1] != "-"), "")
    return posixpath.dirname(path), process.name, command.program, given
