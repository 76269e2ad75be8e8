"""Findings as messages of Django's check framework, so that silencing and levels apply."""

from __future__ import annotations

from django.core import checks

from django_scaleready.checks.base import UNKNOWN_ID, Confidence, Finding, Severity, Unknown
from django_scaleready.checks.engine import Found, Result

LEVELS = {
    Severity.ERROR: checks.ERROR,
    Severity.WARNING: checks.WARNING,
    Severity.INFO: checks.INFO,
}


def is_serious(finding: Finding, fail_level: int) -> bool:
    """Whether a finding makes a command fail: at or above the level, and no guess."""
    return LEVELS[finding.severity] >= fail_level and finding.confidence is Confidence.HIGH


class FindingMessage(checks.CheckMessage):
    """A finding."""

    def __init__(self, found: Found) -> None:
        """Take its level from its severity, its id from its rule."""
        finding = found.finding
        super().__init__(
            LEVELS[finding.severity],
            finding.message,
            hint=finding.hint,
            obj=str(finding.location),
            id=found.rule.code,
        )
        self.found = found

    def is_serious(self, level: int = checks.ERROR) -> bool:
        """Whether it makes a command fail that fails at ``level``."""
        return is_serious(self.found.finding, level)


class UnknownMessage(checks.CheckMessage):
    """Something undecided: a warning, for nobody looked there."""

    def __init__(self, unknown: Unknown) -> None:
        """Name what was not decided, and why."""
        super().__init__(checks.WARNING, unknown.reason, obj=unknown.subject, id=UNKNOWN_ID)
        self.unknown = unknown


def as_messages(result: Result) -> list[checks.CheckMessage]:
    """Return all of a result as messages."""
    found = [FindingMessage(found) for found in result.found]
    return [*found, *(UnknownMessage(unknown) for unknown in result.unknown)]
