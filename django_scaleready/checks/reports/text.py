"""The report for a person at a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterator

from django_scaleready.checks.reports.output import WIDTH
from django_scaleready.checks.reports.report import Entry, Report

Paint = Callable[[str, str], str]
_INDENT = "    "
_CONTROLS = {number: f"\\x{number:02x}" for number in (*range(32), *range(127, 160))}
# Else a repository without any would look as if all was well with its deployment.
_NO_DEPLOY_FILES = (
    "No deploy files found (Dockerfile, compose file, Procfile, systemd unit, manifest ...): how"
    " a replica is started, probed and stopped was not judged."
)


def plain(_: str, text: str) -> str:
    """Give no colour."""
    return text


def as_text(report: Report, paint: Paint = plain, columns: int = WIDTH) -> str:
    """Return the new findings by leak class, what is undecided, other messages, and the verdict.

    The verdict is the last line, and is never broken.

    ``paint`` takes a severity ("error", "warning", "info") and a text, and gives it its colour.
    """
    parts = []
    for group in report.groups:
        found = (_finding(entry, paint, columns) for entry in group.entries)
        parts += [_heading(group.heading), *found]
    if report.unknown:
        parts.append(_heading(f"Not decided ({len(report.unknown)})"))
    undecided = paint("warning", "undecided")
    parts += [
        f"{undecided} {_named(unknown.subject)}\n{_paragraph(unknown.reason, columns)}"
        for unknown in report.unknown
    ]
    if others := list(_others(report, paint)):
        parts += [_heading("Other checks"), "\n".join(others)]
    if report.deploy_files == ():
        parts.append(_filled(_NO_DEPLOY_FILES + _elsewhere(report), columns))
    if report.services is not None:
        parts.append(_asked(report.services))
    return "\n\n".join([*parts, report.verdict()]) + "\n"


def _elsewhere(report: Report) -> str:
    """Say where else deploy files may lie: in a repository whose root is above the project's."""
    if not report.folder:
        return ""
    return (
        f" Only {report.folder}/ was looked through: `python -m django_scaleready scan` of the"
        " repository's root sees what lies above."
    )


def _asked(services: tuple[str, ...]) -> str:
    if not services:
        return "No live service answered."
    return "Asked, and answered:\n" + "\n".join(f"{_INDENT}{service}" for service in services)


def _heading(text: str) -> str:
    return f"{text}\n{'=' * len(text)}"


def _finding(entry: Entry, paint: Paint, columns: int) -> str:
    rule, finding = entry.rule, entry.finding
    said = f"{paint(finding.severity, finding.severity)} {rule.code} {rule.slug}"
    lines = [
        f"{_named(finding.location)}: {said} ({finding.confidence} confidence)",
        _paragraph(finding.message, columns),
        _paragraph(f"Hint: {finding.hint}", columns),
    ]
    if finding.related:
        related = ", ".join(map(_named, finding.related))
        lines.append(_paragraph(f"Related: {related}", columns))
    return "\n".join(lines)


def _named(place: object) -> str:
    """Return a place in one line: a file may be called by what a terminal obeys."""
    return str(place).translate(_CONTROLS)


def _others(report: Report, paint: Paint) -> Iterator[str]:
    for other in report.others:
        if not other.known:
            yield paint(other.level, other.shown)


def _paragraph(text: str, columns: int) -> str:
    return _filled(text, columns, _INDENT)


def _filled(text: str, columns: int, indent: str = "") -> str:
    # Places are copied from here: a path is never broken in two.
    return textwrap.fill(
        text,
        columns,
        initial_indent=indent,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
