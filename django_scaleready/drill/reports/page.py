"""The report as one HTML page that needs nothing but itself."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template import Context, Engine

from django_scaleready import __version__
from django_scaleready.drill.judge import Verdict, milliseconds, without_slow
from django_scaleready.drill.report import Report
from django_scaleready.drill.reports.timeline import HEIGHT, WIDTH, timeline

# Of its own, not the project's: that one may have other delimiters, or no templates at all.
_ENGINE = Engine(dirs=[str(Path(__file__).parent)], autoescape=True)


def render(report: Report) -> str:
    """The page, encoded as UTF-8 when written. Everything said by the project is escaped."""
    context = {
        "report": report,
        "version": __version__,
        "began": report.began.replace("T", " ").partition("+")[0],
        "tiles": _tiles(report),
        "rows": [_row(number, verdict) for number, verdict in enumerate(report.verdicts, 1)],
        "changes": [{"at": _at(change.at), "replica": change.replica, "state": change.state}
                    for change in report.recording.states],
        "timeline": timeline(report),
        "width": WIDTH,
        "height": HEIGHT,
    }  # fmt: skip
    return _ENGINE.get_template("page.html").render(Context(context, use_l10n=False))


def _tiles(report: Report) -> list[dict[str, Any]]:
    recording = report.recording
    failed = recording.failed().total()
    excused = sum(len(verdict.excused) for verdict in report.verdicts)
    p99 = milliseconds(without_slow(recording).percentiles().p99)
    duplicated, lost = len(recording.duplicates()), len(recording.lost())
    return [
        {"label": "requests", "figure": f"{len(recording.samples):,}", "bad": False},
        {"label": "failed", "figure": f"{failed:,}", "bad": failed > excused,
         "note": _allowed(excused, failed)},
        {"label": "POSTs executed twice", "figure": f"{duplicated:,}", "bad": duplicated > 0},
        {"label": "POSTs lost", "figure": f"{lost:,}", "bad": lost > 0},
        {"label": "p99 latency", "figure": p99, "bad": False},
    ]  # fmt: skip


def _allowed(excused: int, failed: int) -> str:
    if not excused:
        return ""
    return f"{'all' if excused == failed else f'{excused:,}'} of them as allowed"


def _row(number: int, verdict: Verdict) -> dict[str, Any]:
    latency = verdict.latency
    around = (latency.before, latency.during, latency.after)
    return {
        "number": number,
        "verdict": verdict,
        "trial": verdict.trial,
        "began": _at(verdict.trial.span.began),
        "ended": _at(verdict.trial.span.ended),
        "failed": ", ".join(f"{n:,} {name}" for name, n in verdict.failed.most_common()) or "0",
        "known": f"{verdict.known:,}",
        "p50": [milliseconds(one.p50) for one in around],
        "p99": [milliseconds(one.p99) for one in around],
        "recovery": "at once" if not verdict.recovery else f"{verdict.recovery:.1f} s",
    }


def _at(seconds: float) -> str:
    # Here and not by a filter: those ask the project's settings how to write a number.
    return f"{seconds:.1f} s"
