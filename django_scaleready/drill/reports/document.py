"""The report as JSON. docs/reference/drill.md describes the shape; ``version`` changes with it."""

from __future__ import annotations

import json
import math
from typing import Any

from django_scaleready.drill.judge import Verdict
from django_scaleready.drill.recording import Percentiles
from django_scaleready.drill.report import Report

VERSION = 1
# Enough to find out what they have in common.
_MOST_FAILURES = 1_000


def render(report: Report) -> str:
    """The document, with a newline at its end."""
    return json.dumps(document(report), indent=2) + "\n"


def document(report: Report) -> dict[str, Any]:
    """The document as dictionaries and lists; times are seconds, rounded to a tenth of a ms."""
    recording = report.recording
    return {
        "version": VERSION,
        "project": report.project,
        "began": report.began,
        "held": report.held,
        "interrupted": report.interrupted,
        "headline": report.headline,
        "setup": dict(report.setup),
        "totals": {
            "seconds": _rounded(report.duration),
            "requests": len(recording.samples),
            "failed": dict(recording.failed()),
            "duplicated": len(recording.duplicates()),
            "lost": len(recording.lost()),
        },
        "scenarios": [_verdict(verdict) for verdict in report.verdicts],
        "skipped": [{"name": s.name, "title": s.title, "why": s.why} for s in report.skipped],
        "limitations": list(report.limitations),
        "timeline": {
            "seconds": [list(second) for second in recording.rates()],
            "states": [[_rounded(c.at), c.replica, c.state] for c in recording.states],
        },
        "failures": [
            [_rounded(s.at), s.kind, s.path, s.replica, s.outcome, _rounded(s.seconds)]
            for s in [s for s in recording.samples if s.failed][:_MOST_FAILURES]
        ],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    trial = verdict.trial
    return {
        "name": trial.name,
        "title": trial.title,
        "held": verdict.held,
        "promise": trial.promise.text,
        "why": trial.promise.why,
        "began": _rounded(trial.span.began),
        "ended": _rounded(trial.span.ended),
        "requests": verdict.requests,
        "failed": dict(verdict.failed),
        "excused": len(verdict.excused),
        "known": verdict.known,
        "duplicated": verdict.duplicated,
        "lost": verdict.lost,
        "latency": {
            name: _percentiles(getattr(verdict.latency, name))
            for name in ("before", "during", "after")
        },
        "recovery": _rounded(verdict.recovery),
        "observations": [
            {"topic": seen.topic, "what": seen.what, "seen": seen.seen, "held": seen.held}
            for seen in trial.observations
        ],
        "broken": list(verdict.broken),
        "advice": [
            {"text": advice.text, "rules": [rule._asdict() for rule in advice.rules]}
            for advice in verdict.advice
        ],
    }


def _percentiles(latency: Percentiles) -> dict[str, Any]:
    return {
        "number": latency.number,
        **{name: _rounded(getattr(latency, name)) for name in ("p50", "p99", "slowest")},
    }


def _rounded(seconds: float) -> float | None:
    """JSON knows no NaN."""
    return None if math.isnan(seconds) else round(seconds, 4)
