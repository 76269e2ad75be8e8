"""The verdict, the order, and the lines a person reads."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from support.reports import RULE, entry, found, other

from django_scaleready.checks.base import Finding, Leak, Location, Severity, Unknown
from django_scaleready.checks.engine import Found
from django_scaleready.checks.reports.build import build
from django_scaleready.checks.reports.json import as_json
from django_scaleready.checks.reports.report import Report, in_order
from django_scaleready.checks.reports.text import as_text

NOTHING = "Nothing found that would break with 2 replicas"
E, W, N = Severity.ERROR, Severity.WARNING, Severity.INFO


def report(
    *severities: Severity, known: int = 0, unknown: int = 0, silenced: int = 0, gone: int = 0
) -> Report:
    entries = [entry(item) for item in in_order([found(severity) for severity in severities])]
    entries += [entry(found(E, "old.py"), known=True, fails=False)] * known
    return Report(
        entries=tuple(entries),
        unknown=tuple(Unknown(f"file {n}", "unread") for n in range(unknown)),
        silenced=silenced,
        gone=gone,
    )


NO_FILES = "No deploy files found"


def test_says_that_there_were_no_deploy_files() -> None:
    assert NO_FILES in as_text(replace(report(), deploy_files=()))
    assert json.loads(as_json(replace(report(), deploy_files=())))["deploy_files"] == []


def test_says_where_else_they_may_be() -> None:
    below = replace(report(), deploy_files=(), folder="backend")
    assert "Only backend/ was looked through" in as_text(below)
    assert "was looked through" not in as_text(replace(below, folder=""))
    assert "was looked through" not in as_text(replace(below, deploy_files=("Dockerfile",)))


@pytest.mark.parametrize("files", [("Dockerfile",), None])
def test_says_nothing_of_files_that_there_are_or_that_nobody_asked_for(
    files: tuple[str, ...] | None,
) -> None:
    made = replace(report(), deploy_files=files)
    assert NO_FILES not in as_text(made)
    assert json.loads(as_json(made))["deploy_files"] == (files and list(files))


def test_says_which_services_answered() -> None:
    made = replace(report(), services=("PostgreSQL 18 (the database 'default')", "Redis 7.0"))
    assert "Asked, and answered:\n    PostgreSQL 18 (the database 'default')\n" in as_text(made)
    assert json.loads(as_json(made))["services"] == list(made.services or ())


@pytest.mark.parametrize(("services", "said"), [((), True), (None, False)])
def test_says_that_none_did_only_if_they_were_asked(
    services: tuple[str, ...] | None, said: bool
) -> None:
    assert ("No live service answered." in as_text(replace(report(), services=services))) is said


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
        (report(known=3), "Nothing new would break with 2 replicas (3 known from the baseline)."),
        (
            report(E, W, known=3),
            "1 new thing would break with 2 replicas (1 warning, 3 known from the baseline).",
        ),
        (
            report(W, known=1),
            "Nothing new would break with 2 replicas (1 warning, 1 known from the baseline).",
        ),
        (
            report(gone=2),
            f"{NOTHING} (2 gone: --update-baseline removes them).",
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


def test_the_leak_class_with_the_worst_finding_comes_first() -> None:
    mixed = [
        found(W, leak=Leak.DATA),
        found(N, leak=Leak.LOGS),
        found(E, leak=Leak.LOGS),
        found(E, leak=Leak.WORK),
    ]
    shown = [(f.rule.leak, f.finding.severity) for f in in_order(mixed)]
    assert shown == [(Leak.WORK, E), (Leak.LOGS, E), (Leak.LOGS, N), (Leak.DATA, W)]


def test_each_group_has_a_heading_that_counts() -> None:
    made = [entry(found(E)), entry(found(W)), entry(found(W)), entry(found(N, leak=Leak.LOGS))]
    shown = as_text(Report(tuple(made), unknown=(Unknown("x", "y"),), others=(other(),)))
    headings = [above for above, line in pairwise(shown.splitlines()) if line == "=" * len(above)]
    assert [heading for heading in headings if heading] == [
        "State in one process (1 error, 2 warnings)",
        "Logs (1 info)",
        "Not decided (1)",
        "Other checks",
    ]


def test_what_is_known_moves_no_group() -> None:
    known = entry(found(E, leak=Leak.DATA), known=True)
    made = Report((known, entry(found(N, leak=Leak.DATA)), entry(found(W, leak=Leak.LOGS))))
    assert [group.leak for group in made.groups] == [Leak.LOGS, Leak.DATA]


@pytest.mark.parametrize("leak", Leak)
def test_each_leak_class_has_a_heading(leak: Leak) -> None:
    assert leak.heading


def test_the_file_as_a_whole_has_no_line() -> None:
    shown = as_text(Report((entry(found(W, "settings.py", 0)),))).splitlines()
    assert "settings.py: warning scaleready.E990 made-up (high confidence)" in shown


def test_a_path_is_never_broken_in_two() -> None:
    path = "/a-very-long-path/" + "with-hyphens-in-it/" * 8 + "file.py"
    finding = Finding(f"See {path}.", "Mend it.", Location("a.py", 1), E)
    assert path in as_text(Report((entry(Found(RULE, finding)),)))


def test_what_is_known_is_counted_and_not_shown() -> None:
    assert "old.py" not in as_text(report(known=1))


def test_only_what_fails_counts_as_failing() -> None:
    made = Report(
        (entry(found()), entry(found(W), fails=False)),
        unknown=(Unknown("x", "y"),),
        others=(other(fails=True), other()),
    )
    assert made.failing == 2
    assert replace(made, unknown_fails=True).failing == 3


def test_a_place_is_named_once(tmp_path: Path) -> None:
    here, there = Location("a.py", 1), Location("b.py", 2)
    made = build([found(related=(here, there, there))], root=tmp_path, serious=lambda _: True)
    assert made.entries[0].finding.related == (there,)


def test_the_name_of_a_file_tells_a_terminal_nothing() -> None:
    odd = "a\x1b[2Jb\nc.py"
    item = entry(found(path=odd, related=(Location(odd, 2),)))
    shown = as_text(Report((item,), unknown=(Unknown(odd, "unread"),)))
    assert "\x1b" not in shown
    assert shown.count("a\\x1b[2Jb\\x0ac.py") == 3
