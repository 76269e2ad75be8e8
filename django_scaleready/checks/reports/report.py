"""The result of one run, ready to be shown. Pure data: knows no Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django_scaleready.checks.base import Finding, Leak, Rule, Severity, Unknown
from django_scaleready.checks.engine import Found

_ORDER = {severity: rank for rank, severity in enumerate(Severity)}
_LEAKS = {leak: rank for rank, leak in enumerate(Leak)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A finding as it is shown.

    ``known``: it stands in the baseline. ``fails``: it makes the command fail.
    """

    rule: Rule
    finding: Finding
    fingerprint: str = ""
    known: bool = False
    fails: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """A message of another check: Django's own, or an installed app's.

    ``known`` and ``fails`` as above.
    """

    id: str | None
    level: str
    message: str
    hint: str | None
    object: str | None
    shown: str
    fails: bool = False
    known: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one leak class."""

    leak: Leak
    entries: tuple[Entry, ...]

    @property
    def worst(self) -> int:
        """The rank of its worst finding, 0 for an error."""
        return min(_ORDER[entry.finding.severity] for entry in self.entries)

    @property
    def heading(self) -> str:
        """Name the class, and count what it holds."""
        counts = [_counted(_number(self.entries, severity), severity) for severity in Severity]
        return f"{self.leak.heading} ({', '.join(count for count in counts if count)})"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that is not silenced, in the order in which it is shown.

    ``unknown`` could not be decided; ``known_unknown`` neither, and stands in the baseline.
    ``gone`` counts the entries of the baseline that are found no more. ``ran`` are the rules that
    found this. ``deploy_files`` are those that were read, ``services`` those that answered; None if
    no rule asked for them. ``folder`` is where the project lies in its repository.
    """

    entries: tuple[Entry, ...]
    unknown: tuple[Unknown, ...] = ()
    known_unknown: tuple[Unknown, ...] = ()
    unknown_fails: bool = False
    others: tuple[Other, ...] = ()
    silenced: int = 0
    replicas: int = 2
    gone: int = 0
    ran: tuple[Rule, ...] = ()
    deploy_files: tuple[str, ...] | None = None
    services: tuple[str, ...] | None = None
    folder: str = ""

    def from_repository(self, path: str) -> str:
        """Return a path of the report as code hosts know it."""
        return path if not self.folder or path.startswith("/") else f"{self.folder}/{path}"

    @property
    def new(self) -> tuple[Entry, ...]:
        """The findings that do not stand in the baseline; without one, all."""
        return tuple(entry for entry in self.entries if not entry.known)

    @property
    def groups(self) -> tuple[Group, ...]:
        """The new findings by leak class, the one with the worst of them first."""
        made = [Group(leak, tuple(e for e in self.new if e.rule.leak is leak)) for leak in Leak]
        return tuple(sorted((group for group in made if group.entries), key=lambda g: g.worst))

    @property
    def failing(self) -> int:
        """How many things make the command fail."""
        decided = sum(e.fails for e in self.entries) + sum(o.fails for o in self.others)
        return decided + (len(self.unknown) if self.unknown_fails else 0)

    def verdict(self) -> str:
        """Say in one line what the findings amount to."""
        errors = self._count(Severity.ERROR)
        things = f"{_counted(errors, 'thing')} would break"
        known = len(self.entries) - len(self.new) + len(self.known_unknown)
        known += sum(other.known for other in self.others)
        rest = [
            _counted(self._count(Severity.WARNING), "warning"),
            _counted(self._count(Severity.INFO), "info"),
            f"{len(self.unknown)} undecided" if self.unknown else "",
            f"{self.silenced} silenced" if self.silenced else "",
            f"{known} known from the baseline" if known else "",
            f"{self.gone} gone: --update-baseline removes them" if self.gone else "",
        ]
        said = ", ".join(part for part in rest if part)
        verdict = things if errors else "Nothing found that would break"
        if known:
            new = _counted(errors, "new thing") or "Nothing new"
            verdict = f"{new} would break"
        return f"{verdict} with {self.replicas} replicas{f' ({said})' if said else ''}."

    def _count(self, severity: Severity) -> int:
        return _number(self.new, severity)


def _number(entries: Sequence[Entry], severity: Severity) -> int:
    return sum(1 for entry in entries if entry.finding.severity is severity)


def _counted(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}" if number else ""


def in_order(found: Sequence[Found]) -> tuple[Found, ...]:
    """Sort by leak class, the one with the worst finding first; then by severity and place."""
    worst: dict[Leak, int] = {}
    for item in found:
        rank = _ORDER[item.finding.severity]
        worst[item.rule.leak] = min(rank, worst.get(item.rule.leak, rank))

    def key(item: Found) -> tuple[int, int, int, str, int, str]:
        leak, place = item.rule.leak, item.finding.location
        severity = _ORDER[item.finding.severity]
        return worst[leak], _LEAKS[leak], severity, place.path, place.line, item.rule.code

    return tuple(sorted(found, key=key))
