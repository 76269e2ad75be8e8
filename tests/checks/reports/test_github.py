"""Workflow commands: one a line, whatever is in them."""

from __future__ import annotations

from support.reports import full_report

from django_scaleready.checks.reports.github import as_github
from django_scaleready.checks.reports.report import Report


def test_each_new_finding_is_a_command_on_its_line() -> None:
    first, second, *_ = as_github(full_report()).splitlines()
    assert first == (
        "::error file=odd name%2C 100%25%3A<&>.py,line=1,title=scaleready.E990 made-up"
        "::It breaks.%0AHint: Mend it.%0ARelated: b.py:2"
    )
    # GitHub shows a command without a line nowhere near the file.
    assert second.startswith("::warning file=/etc/else.py,line=1,")


def test_what_is_known_is_left_out() -> None:
    assert "c.py" not in as_github(full_report())


def test_the_rest_is_there_without_a_place() -> None:
    lines = as_github(full_report()).splitlines()
    assert "::warning title=undecided::d\x00.py: a NUL <byte>" in lines
    assert "::warning title=shop.W001::shop: mind the gap" in lines
    assert "::error title=shop.W001::shop: mind the gap" in lines


def test_the_verdict_is_no_command() -> None:
    assert as_github(Report(())) == "Nothing found that would break with 2 replicas.\n"
