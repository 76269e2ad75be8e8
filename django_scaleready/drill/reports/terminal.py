"""The report for a terminal: a line for each promise, and for each broken one what to change."""

from __future__ import annotations

from collections.abc import Iterable

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from django_scaleready.drill.judge import Verdict
from django_scaleready.drill.report import Report
from django_scaleready.drill.scenarios import Scenario

_LATENCY = "p50/p99 in ms before, during, after"


def line(verdict: Verdict) -> Text:
    """A verdict as one line."""
    return Text.assemble(_mark(verdict), " ", verdict.trial.title, ": ", verdict.measured)


def show(console: Console, report: Report) -> None:
    """Print the scorecard, then what to change, then what was not tried."""
    console.print(_table(report))
    if any(verdict.known for verdict in report.verdicts):
        console.print(Text("* of a sort that fails without a fault, too\n", "dim"))
    for verdict in report.broken:
        console.print(Text(f"{verdict.trial.title}: {verdict.trial.promise.text}", "bold"))
        _indented(console, Text("; ".join(verdict.broken), "red"))
        _indented(console, Text(verdict.trial.promise.why, "dim"))
        for advice in verdict.advice:
            rules = ", ".join(f"{rule.id} {rule.slug}" for rule in advice.rules)
            _indented(console, Text(f"→ {advice.text}{f' ({rules})' if rules else ''}"))
        console.print()
    for skipped in report.skipped:
        console.print(Text(f"Not tried: {skipped.title}. {skipped.why}", "dim"))
    for limitation in report.limitations:
        console.print(Text(f"Note: {limitation}", "dim"))


def list_scenarios(console: Console, scenarios: Iterable[Scenario]) -> None:
    """Print name, title and promise of each; a star marks those of ``--quick``."""
    table = Table("Name", "", "What happens", "What must hold", box=SIMPLE_HEAD)
    for scenario in scenarios:
        fault = scenario.fault
        table.add_row(fault.name, "*" if scenario.quick else "", fault.title, fault.promise.text)
    console.print(table)
    console.print("* also with --quick")


def _table(report: Report) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("", no_wrap=True)
    table.add_column("Fault", min_width=20)
    for name in ("Requests", "Failed", "Twice", _LATENCY, "Recovered"):
        table.add_column(name, justify="right", no_wrap=name != _LATENCY)
    for verdict in report.verdicts:
        around = (verdict.latency.before, verdict.latency.during, verdict.latency.after)
        table.add_row(
            _mark(verdict),
            Text(verdict.trial.title),
            f"{verdict.requests:,}",
            _failed(verdict),
            f"{verdict.duplicated:,}",
            ", ".join(f"{one.p50 * 1000:.0f}/{one.p99 * 1000:.0f}" for one in around if one.number),
            "at once" if not verdict.recovery else f"{verdict.recovery:.1f} s",
        )
    return table


def _failed(verdict: Verdict) -> str:
    failed, excused = verdict.failed.total() - verdict.known, len(verdict.excused)
    allowed = f" ({excused:,} allowed)" if excused else ""
    return f"{failed:,}{allowed}{f' +{verdict.known:,} *' if verdict.known else ''}"


def _indented(console: Console, text: Text) -> None:
    console.print(Padding(text, (0, 0, 0, 2)))


def _mark(verdict: Verdict) -> Text:
    return Text("held", "green") if verdict.held else Text("FAILED", "bold red")
