"""The scorecard of a terminal: what held, what did not, what to change."""

from __future__ import annotations

import io
from dataclasses import replace

from rich.console import Console
from support.synthetic import report

from django_scaleready.drill.report import Report
from django_scaleready.drill.reports import terminal


def shown(drill: Report, width: int = 110) -> str:
    file = io.StringIO()
    terminal.show(Console(file=file, width=width), drill)
    return file.getvalue()


def test_each_fault_has_a_line() -> None:
    rows = [line for line in shown(report()).splitlines() if line.startswith((" held", " FAILED"))]
    assert [row.split()[0] for row in rows] == ["FAILED", "FAILED", "held", "held"]
    assert "110 (110 allowed)" in rows[3]


def test_what_broke_is_followed_by_what_to_change() -> None:
    text = shown(report())
    after = text[text.index("Hop: It holds.") :]
    assert "unknown there" in after
    assert "scaleready.E004 session-local" in after


def test_what_held_needs_no_words() -> None:
    text = shown(report(broken=False))
    assert "→" not in text
    assert "Not tried: PgBouncer restarted. pgbouncer is not installed." in text


def test_what_fails_anyway_is_marked() -> None:
    drill = report(broken=False)
    verdicts = [replace(drill.verdicts[0], known=7), *drill.verdicts[1:]]
    text = shown(replace(drill, verdicts=verdicts))
    assert "+7 *" in text
    assert "* of a sort that fails without a fault, too" in text
    assert "+7" not in shown(drill)


def test_a_verdict_on_one_line() -> None:
    drill = report()
    assert terminal.line(drill.verdicts[2]).plain == (
        "held Replica killed: 520 requests, 0 failed; p99 26 ms"
    )


def test_what_a_project_says_is_no_markup() -> None:
    text = shown(replace(report(), limitations=["All share [bold]/data[/bold]."]))
    assert "[bold]/data[/bold]" in text
