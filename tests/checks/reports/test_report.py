"""The verdict, the order, and the lines a person reads."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from django_scaleready.checks.base import Confidence, Finding, Location, Rule, Severity, Unknown
from django_scaleready.checks.engine import Found
from django_scaleready.checks.project import Project
from django_scaleready.checks.reports.report import Report, in_order
from django_scaleready.checks.reports.text import as_text

E, W, N = Severity.ERROR, Severity.WARNING, Severity.INFO


def nothing(project: Project) -> Iterator[Finding]:
    yield from ()


def found(severity: Severity, path: str = "a.py", line: int = 1) -> Found:
    finding = Finding("It breaks.", "Mend it.", Location(path, line), severity, Confidence.HIGH)
    return Found(Rule("scaleready.E990", "made-up", nothing), finding)


def report(*severities: Severity, unknown: int = 0, silenced: int = 0) -> Report:
    return Report(
        found=in_order([found(severity) for severity in severities]),
        unknown=tuple(Unknown(f"file {n}", "unread") for n in range(unknown)),
        others=(),
        silenced=silenced,
        replicas=2,
    )


@pytest.mark.parametrize(
    ("made", "verdict"),
    [
        (report(), "Nothing found that would break with 2 replicas."),
        (report(E), "1 thing would break with 2 replicas."),
        (report(E, E, E), "3 things would break with 2 replicas."),
        (report(W), "Nothing found that would break with 2 replicas (1 warning)."),
        (report(E, W, W, N), "1 thing would break with 2 replicas (2 warnings, 1 info)."),
        (
            report(unknown=1, silenced=2),
            "Nothing found that would break with 2 replicas (1 undecided, 2 silenced).",
        ),
    ],
)
def test_the_verdict_is_one_line(made: Report, verdict: str) -> None:
    assert made.verdict() == verdict
    assert as_text(made).splitlines()[-1] == verdict


def test_the_worst_come_first_then_the_place() -> None:
    mixed = [found(N), found(E, "b.py"), found(E, "a.py", 9), found(E, "a.py", 2), found(W)]
    shown = [(f.finding.severity, str(f.finding.location)) for f in in_order(mixed)]
    assert shown == [(E, "a.py:2"), (E, "a.py:9"), (E, "b.py:1"), (W, "a.py:1"), (N, "a.py:1")]


def test_the_file_as_a_whole_has_no_line() -> None:
    shown = as_text(Report((found(W, "settings.py", 0),), (), (), 0, 2))
    assert shown.startswith("settings.py: warning scaleready.E990 made-up (high confidence)\n")


def test_a_path_is_never_broken_in_two() -> None:
    path = "/a-very-long-path/" + "with-hyphens-in-it/" * 8 + "file.py"
    finding = Finding(f"See {path}.", "Mend it.", Location("a.py", 1), E)
    item = Found(Rule("scaleready.E990", "made-up", nothing), finding)
    assert path in as_text(Report((item,), (), (), 0, 2))
