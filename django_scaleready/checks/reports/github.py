"""The report as workflow commands of GitHub Actions, which it shows at the lines of a change."""

from __future__ import annotations

from django_scaleready.checks.base import Location, Severity
from django_scaleready.checks.reports.report import Entry, Report

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}
_OTHER_COMMANDS = {"critical": "error", "error": "error", "warning": "warning"}


def as_github(report: Report) -> str:
    """Return a command a line for each finding, and the verdict; known findings are left out."""
    lines = [_finding(entry, report) for entry in report.new]
    lines += [
        _command("warning", None, "undecided", f"{one.subject}: {one.reason}")
        for one in report.unknown
    ]
    lines += [
        _command(_OTHER_COMMANDS.get(other.level, "notice"), None, other.id or "check", other.shown)
        for other in report.others
        if not other.known
    ]
    return "\n".join([*lines, report.verdict()]) + "\n"


def _finding(entry: Entry, report: Report) -> str:
    finding = entry.finding
    text = "\n".join([finding.message, f"Hint: {finding.hint}"])
    if finding.related:
        text += f"\nRelated: {', '.join(str(place) for place in finding.related)}"
    title = f"{entry.rule.code} {entry.rule.slug}"
    place = Location(report.from_repository(finding.location.path), finding.location.line)
    return _command(_COMMANDS[finding.severity], place, title, text)


def _command(command: str, place: Location | None, title: str, text: str) -> str:
    properties = {"title": title}
    if place:
        properties = {"file": place.path, "line": str(place.line or 1), **properties}
    written = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {written}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
