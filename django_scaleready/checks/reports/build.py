"""From what was found to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from django_scaleready.checks.base import UNKNOWN_ID, Finding, Found, Rule, Unknown
from django_scaleready.checks.baseline import Baseline, Looked, Mark
from django_scaleready.checks.reports.fingerprints import fingerprints, of_others, of_unknown
from django_scaleready.checks.reports.github import as_github
from django_scaleready.checks.reports.json import as_json
from django_scaleready.checks.reports.output import WIDTH
from django_scaleready.checks.reports.report import Entry, Other, Report, in_order
from django_scaleready.checks.reports.sarif import as_sarif
from django_scaleready.checks.reports.text import as_text, plain
from django_scaleready.checks.root import below_repository


def _as_junit(report: Report) -> str:
    # XML is imported for those who want it.
    from django_scaleready.checks.reports.junit import as_junit

    return as_junit(report)


# What a program reads; text takes a function that colours it as well.
FOR_PROGRAMS: Mapping[str, Callable[[Report], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
    "junit": _as_junit,
}


def build(  # noqa: PLR0913 - keywords, most with a default
    found: Sequence[Found],
    *,
    root: Path,
    serious: Callable[[Finding], bool],
    known: Callable[[Sequence[Mark], Looked], Baseline | None] = lambda *_: None,
    looked: Looked = lambda _: True,
    unknown: Sequence[Unknown] = (),
    unknown_fails: bool = False,
    others: Sequence[Other] = (),
    silenced: int = 0,
    replicas: int | None = None,
    ran: Sequence[Rule] = (),
    deploy_files: Sequence[str] | None = None,
    services: Sequence[str] | None = None,
) -> Report:
    """Return the report; a finding fails if it is ``serious`` and not in the baseline.

    ``known`` returns the baseline, given the marks of what is found; ``looked`` says for which ids
    this run looked everywhere.
    """
    ordered = in_order(found)
    # Each area notes what it could not read, and two may have read the same file.
    undecided = tuple(dict.fromkeys(unknown))
    marks = _marks(ordered, undecided, others, root)
    baseline = known(marks, looked)
    is_known = [baseline is not None and mark.fingerprint in baseline for mark in marks]
    first, last = len(ordered), len(ordered) + len(undecided)
    # What comes behind the findings has marks, too.
    shown = zip(ordered, marks, is_known, strict=False)
    old_unknown = [item for item, old in zip(undecided, is_known[first:last], strict=True) if old]
    return Report(
        entries=tuple(_entry(*each, serious) for each in shown),
        unknown=tuple(item for item in undecided if item not in old_unknown),
        known_unknown=tuple(old_unknown),
        unknown_fails=unknown_fails,
        others=tuple(
            replace(other, known=old, fails=other.fails and not old)
            for other, old in zip(others, is_known[last:], strict=True)
        ),
        silenced=silenced,
        replicas=max(replicas or 2, 2),
        ran=tuple(ran),
        deploy_files=None if deploy_files is None else tuple(deploy_files),
        services=None if services is None else tuple(services),
        folder=below_repository(root),
        gone=baseline.gone(marks, looked) if baseline else 0,
    )


def _entry(item: Found, mark: Mark, known: bool, serious: Callable[[Finding], bool]) -> Entry:
    """Return a finding as it is shown: the places related to it are others, and each is one."""
    finding = item.finding
    others = dict.fromkeys(place for place in finding.related if place != finding.location)
    return Entry(
        rule=item.rule,
        finding=replace(finding, related=tuple(others)),
        fingerprint=mark.fingerprint,
        known=known,
        fails=not known and serious(finding),
    )


def _marks(
    ordered: Sequence[Found], undecided: Sequence[Unknown], others: Sequence[Other], root: Path
) -> list[Mark]:
    """Return a mark for each, in this order."""
    found = [
        Mark(item.finding.location.path, item.rule.code, digest)
        for item, digest in zip(ordered, fingerprints(ordered, root), strict=True)
    ]
    unread = [
        Mark(item.subject, UNKNOWN_ID, digest)
        for item, digest in zip(undecided, of_unknown(undecided), strict=True)
    ]
    theirs = [
        Mark(item.object or "", item.id or "", digest)
        for item, digest in zip(others, of_others(others), strict=True)
    ]
    return [*found, *unread, *theirs]


def render(
    report: Report,
    form: str,
    paint: Callable[[str, str], str] | None = None,
    columns: int = WIDTH,
) -> str:
    """Return the report in one of the formats; ``paint`` colours text, which fills ``columns``."""
    if form in FOR_PROGRAMS:
        return FOR_PROGRAMS[form](report)
    return as_text(report, paint or plain, columns)
