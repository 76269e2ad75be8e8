"""SARIF, held against the schema that OASIS publishes."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest
from support.reports import SCHEMA, full_report

from django_scaleready.checks.reports.report import Report
from django_scaleready.checks.reports.sarif import as_sarif


def run(report: Report) -> dict[str, Any]:
    run: dict[str, Any]
    (run,) = json.loads(as_sarif(report))["runs"]
    return run


@pytest.mark.parametrize("report", [Report(()), full_report()], ids=["empty", "full"])
def test_it_is_valid(report: Report) -> None:
    document = json.loads(as_sarif(report))
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    jsonschema.validators.validator_for(schema)(schema).validate(document)


def test_the_schema_refuses_what_is_wrong() -> None:
    document = json.loads(as_sarif(full_report()))
    document["runs"][0]["results"][0]["level"] = "disaster"
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validators.validator_for(schema)(schema).validate(document)


def test_a_result_says_where_and_how_sure() -> None:
    first, second, third, *_ = run(full_report())["results"]
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "odd%20name%2C%20100%25%3A%3C%26%3E.py",
        "uriBaseId": "SRCROOT",
    }
    assert place["region"] == {"startLine": 1}
    assert first["level"] == "error"
    assert first["properties"] == {"confidence": "high"}
    assert first["relatedLocations"][0]["physicalLocation"]["region"] == {"startLine": 2}
    # A file as a whole has no line, and one elsewhere no base.
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "/etc/else.py"}
    }
    assert [result["baselineState"] for result in (first, second, third)] == [
        "new",
        "new",
        "unchanged",
    ]


def test_each_result_names_a_rule_that_is_described() -> None:
    made = run(full_report())
    (rule,) = made["tool"]["driver"]["rules"]
    assert (rule["id"], rule["name"]) == ("scaleready.E990", "made-up")
    assert rule["properties"] == {"area": "settings", "leak": "state", "tags": ["state"]}
    assert [result.get("ruleIndex") for result in made["results"]] == [0, 0, 0]


def test_what_has_no_place_is_a_notification() -> None:
    made = run(full_report())
    undecided, *others = made["invocations"][0]["toolExecutionNotifications"]
    assert undecided["message"]["text"].endswith("a NUL <byte>")
    assert [other["descriptor"]["id"] for other in others] == ["shop.W001", "shop.W001"]
    assert [other["level"] for other in others] == ["warning", "error"]
    # GitHub takes nothing of a log that holds a result without one.
    assert all(result["locations"] for result in made["results"])
