"""Writes an outcome down: plain text, JSON after draft-inadarei-api-health-check-06, OpenMetrics.

Written by hand, where a library renders what its registry has collected: prometheus_client would be
a second registry in a process whose metrics are its project's affair, for five lines of text.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django_scaleready.probe_paths import Probe
from django_scaleready.probes.results import Outcome, Result, Status

PLAIN: Final = "text/plain"
JSON: Final = "application/json"
HEALTH_JSON: Final = "application/health+json"
OPENMETRICS: Final = "application/openmetrics-text"
# In order of preference: what is first answers */*.
MEDIA_TYPES: Final = (PLAIN, JSON, HEALTH_JSON, OPENMETRICS)
CONTENT_TYPES: Final = {
    **{name: name for name in MEDIA_TYPES},
    OPENMETRICS: f"{OPENMETRICS}; version=1.0.0; charset=utf-8",
}

_WORDS: Final = {Status.PASS: "ok", Status.WARN: "ok", Status.FAIL: "unavailable"}
# What thousands of probes get.
_PLAIN: Final = {status: f"{word}\n".encode() for status, word in _WORDS.items()}


def write(probe: Probe, outcome: Outcome, media_type: str, *, details: bool) -> bytes:
    """The body in one of MEDIA_TYPES; without ``details`` nothing but the overall status."""
    results = outcome.results if details else ()
    if media_type == PLAIN:
        return _plain(outcome.status, results)
    if media_type == OPENMETRICS:
        return "\n".join([*_metrics(probe, outcome.status, results), "# EOF\n"]).encode()
    return _json(outcome.status, results)


def _plain(status: Status, results: Sequence[Result]) -> bytes:
    if not results:
        return _PLAIN[status]
    lines = [_WORDS[status]]
    for result in results:
        line = f"{result.component} {result.status} {result.seconds:.4f} s {result.detail}"
        lines.append(line.rstrip())
    return ("\n".join(lines) + "\n").encode()


def _json(status: Status, results: Sequence[Result]) -> bytes:
    document: dict[str, Any] = {"status": status}
    if results:
        document["checks"] = {
            f"{result.component}:responseTime": [_observation(result)] for result in results
        }
    return (json.dumps(document) + "\n").encode()


def _observation(result: Result) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "status": result.status,
        "observedValue": round(result.seconds, 6),
        "observedUnit": "s",
    }
    if result.detail:
        observation["output"] = result.detail
    return observation


def _metrics(probe: Probe, status: Status, results: Sequence[Result]) -> Iterator[str]:
    yield "# TYPE scaleready_probe stateset"
    yield from _states("scaleready_probe", f'probe="{probe}"', status)
    if not results:
        return
    labels = [f'probe="{probe}",component="{_escaped(result.component)}"' for result in results]
    yield "# TYPE scaleready_check stateset"
    for label, result in zip(labels, results, strict=True):
        yield from _states("scaleready_check", label, result.status)
    yield "# TYPE scaleready_check_duration_seconds gauge"
    yield "# UNIT scaleready_check_duration_seconds seconds"
    for label, result in zip(labels, results, strict=True):
        yield f"scaleready_check_duration_seconds{{{label}}} {result.seconds:.6f}"


def _states(name: str, labels: str, status: Status) -> Iterator[str]:
    for one in Status:
        yield f'{name}{{{labels},{name}="{one}"}} {int(one is status)}'


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
