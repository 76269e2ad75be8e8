"""The result of one run, ready to be shown. Pure data: knows no Django."""

from __future__ import annotations

from dataclasses import dataclass

from django_scaleready.checks.base import Finding, Severity, Unknown
from django_scaleready.checks.engine import Found

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class Other:
    """A message of another check: Django's own, or an installed app's."""

    id: str | None
    level: str
    message: str
    hint: str | None
    object: str | None
    shown: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is not silenced, in the order in which it is shown."""

    found: tuple[Found, ...]
    unknown: tuple[Unknown, ...]
    others: tuple[Other, ...]
    silenced: int
    replicas: int

    def verdict(self) -> str:
        """Say in one line what the findings amount to."""
        errors = self._count(Severity.ERROR)
        things = f"{_counted(errors, 'thing')} would break"
        rest = [
            _counted(self._count(Severity.WARNING), "warning"),
            _counted(self._count(Severity.INFO), "info"),
            f"{len(self.unknown)} undecided" if self.unknown else "",
            f"{self.silenced} silenced" if self.silenced else "",
        ]
        said = ", ".join(part for part in rest if part)
        verdict = things if errors else "Nothing found that would break"
        return f"{verdict} with {self.replicas} replicas{f' ({said})' if said else ''}."

    def _count(self, severity: Severity) -> int:
        return sum(1 for found in self.found if found.finding.severity is severity)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""


def in_order(found: list[Found]) -> tuple[Found, ...]:
    """Sort by severity, then by place."""

    def key(item: Found) -> tuple[int, str, int, str]:
        finding: Finding = item.finding
        place = finding.location
        return _ORDER[finding.severity], place.path, place.line, item.rule.code

    return tuple(sorted(found, key=key))
