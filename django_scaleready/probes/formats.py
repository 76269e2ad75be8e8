"""Writes results down: plain text, or JSON after draft-inadarei-api-health-check-06."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django_scaleready.probes.results import Result, Status, overall

PLAIN = "text/plain"
JSON = "application/json"
HEALTH_JSON = "application/health+json"
# In order of preference: what is first answers */*.
MEDIA_TYPES = (PLAIN, JSON, HEALTH_JSON)


def write(results: Sequence[Result], media_type: str, *, details: bool) -> bytes:
    """The body in one of MEDIA_TYPES; without ``details`` nothing but the overall status."""
    writer = _plain if media_type == PLAIN else _json
    return writer(overall(results), results if details else ()).encode()


def _plain(status: Status, results: Sequence[Result]) -> str:
    lines = ["unavailable" if status is Status.FAIL else "ok"]
    for result in results:
        line = f"{result.component} {result.status} {result.seconds:.4f} s {result.detail}"
        lines.append(line.rstrip())
    return "\n".join(lines) + "\n"


def _json(status: Status, results: Sequence[Result]) -> str:
    document: dict[str, Any] = {"status": status}
    if results:
        document["checks"] = {
            f"{result.component}:responseTime": [_observation(result)] for result in results
        }
    return json.dumps(document) + "\n"


def _observation(result: Result) -> dict[str, Any]:
    observation: dict[str, Any] = {
        "status": result.status,
        "observedValue": round(result.seconds, 6),
        "observedUnit": "s",
    }
    if result.detail:
        observation["output"] = result.detail
    return observation
