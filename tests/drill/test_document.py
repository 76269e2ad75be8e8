"""The JSON has the shape that docs/reference/drill.md describes."""

from __future__ import annotations

import json
import re
from pathlib import Path

from support.synthetic import report

from django_scaleready.drill.reports import document
from django_scaleready.drill.scenarios import SCENARIOS

KEYS = "version project began held interrupted headline setup totals scenarios skipped limitations"
KEYS += " timeline failures"
SCENARIO = (
    "name title held promise why began ended requests failed excused known duplicated lost latency"
    " recovery observations broken advice"
)


def test_the_shape() -> None:
    drill = json.loads(document.render(report()))
    assert list(drill) == KEYS.split()
    assert all(list(scenario) == SCENARIO.split() for scenario in drill["scenarios"])
    assert drill["version"] == 1


def test_what_did_not_hold() -> None:
    drill = document.document(report())
    assert drill["held"] is False
    hop, restart, *others = drill["scenarios"]
    assert hop["advice"][0]["rules"][0] == {"id": "scaleready.E004", "slug": "session-local"}
    assert [seen["held"] for seen in hop["observations"]] == [False, True]
    assert restart["failed"]["reset"] > 0
    assert all(scenario["held"] for scenario in others)


def test_the_figures_add_up() -> None:
    drill = document.document(report())
    failed = sum(drill["totals"]["failed"].values())
    assert failed == sum(sum(one["failed"].values()) for one in drill["scenarios"])
    assert failed == sum(second[2] for second in drill["timeline"]["seconds"])


def test_no_request_is_no_nan() -> None:
    text = document.render(report())
    assert "NaN" not in text


def test_the_reference_names_every_key() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/drill.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"`([a-z0-9_.]+)`", text))
    drill = document.document(report())
    keys = {*drill, *drill["totals"], *(f"timeline.{key}" for key in drill["timeline"])}
    keys |= {*drill["scenarios"][0], *drill["scenarios"][0]["latency"]}
    keys |= {*drill["scenarios"][0]["latency"]["before"], *drill["scenarios"][0]["observations"][0]}
    keys |= {*drill["scenarios"][0]["advice"][0], *drill["skipped"][0]}
    assert keys - {"timeline"} <= documented


def test_the_reference_names_every_scenario() -> None:
    text = (Path(__file__).parents[2] / "docs/reference/drill.md").read_text(encoding="utf-8")
    assert all(f"| `{scenario.name}` |" in text for scenario in SCENARIOS)
