"""From what was found to a report."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from django_scaleready.checks.base import Finding, Rule, Unknown
from django_scaleready.checks.baseline import Baseline
from django_scaleready.checks.engine import Found
from django_scaleready.checks.reports.fingerprints import fingerprints
from django_scaleready.checks.reports.github import as_github
from django_scaleready.checks.reports.json import as_json
from django_scaleready.checks.reports.junit import as_junit
from django_scaleready.checks.reports.output import WIDTH
from django_scaleready.checks.reports.report import Entry, Other, Report, in_order
from django_scaleready.checks.reports.sarif import as_sarif
from django_scaleready.checks.reports.text import as_text, plain

# What a program reads; text takes a function that colours it as well.
FOR_PROGRAMS: Mapping[str, Callable[[Report], str]] = {
    "json": as_json,
    "sarif": as_sarif,
    "github": as_github,
    "junit": as_junit,
}
FORMATS = ("text", *FOR_PROGRAMS)


def build(  # noqa: PLR0913 - keywords, most with a default
    found: Sequence[Found],
    *,
    root: Path,
    serious: Callable[[Finding], bool],
    baseline: Baseline | None = None,
    unknown: Sequence[Unknown] = (),
    unknown_fails: bool = False,
    others: Sequence[Other] = (),
    silenced: int = 0,
    replicas: int | None = None,
    ran: Sequence[Rule] = (),
    deploy_files: Sequence[str] | None = None,
    services: Sequence[str] | None = None,
) -> Report:
    """Return the report; a finding fails if it is ``serious`` and not in the baseline."""
    ordered = in_order(found)
    entries = []
    for item, fingerprint in zip(ordered, fingerprints(ordered, root), strict=True):
        known = baseline is not None and fingerprint in baseline
        fails = not known and serious(item.finding)
        entries.append(Entry(item.rule, item.finding, fingerprint, known, fails))
    return Report(
        entries=tuple(entries),
        # Each area notes what it could not read, and two may have read the same file.
        unknown=tuple(dict.fromkeys(unknown)),
        unknown_fails=unknown_fails,
        others=tuple(others),
        silenced=silenced,
        replicas=max(replicas or 2, 2),
        ran=tuple(ran),
        deploy_files=None if deploy_files is None else tuple(deploy_files),
        services=None if services is None else tuple(services),
        gone=len(baseline.entries) - sum(e.known for e in entries) if baseline else 0,
    )


def render(
    report: Report,
    form: str,
    paint: Callable[[str, str], str] | None = None,
    columns: int = WIDTH,
) -> str:
    """Return the report in one of FORMATS; ``paint`` colours text, which fills ``columns``."""
    if form in FOR_PROGRAMS:
        return FOR_PROGRAMS[form](report)
    return as_text(report, paint or plain, columns)
