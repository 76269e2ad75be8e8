from __future__ import annotations

import json

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families

from django_scaleready.probe_paths import Probe
from django_scaleready.probes import formats
from django_scaleready.probes.formats import HEALTH_JSON, JSON, MEDIA_TYPES, OPENMETRICS, PLAIN
from django_scaleready.probes.results import Outcome, Result, Status

GOOD = Result("cache", Status.PASS, 0.00012)
SLOW = Result("database", Status.WARN, 1.5, "slow: 1.50 s", "slow: 1.50 s")
BAD = Result("database", Status.FAIL, 0.25, "OperationalError", "OperationalError: db.internal")


def write(results: list[Result], media_type: str, *, details: bool) -> bytes:
    outcome = Outcome(tuple(results))
    return formats.write(Probe.READINESS, outcome, media_type, details=details)


@pytest.mark.parametrize(
    ("results", "body"),
    [
        ([], b"ok\n"),
        ([GOOD], b"ok\n"),
        ([GOOD, SLOW], b"ok\n"),
        ([GOOD, BAD], b"unavailable\n"),
    ],
)
def test_plain_text_is_one_word(results: list[Result], body: bytes) -> None:
    assert write(results, PLAIN, details=False) == body


def test_plain_text_with_details_has_a_line_for_each_check() -> None:
    assert write([BAD, GOOD], PLAIN, details=True).decode().splitlines() == [
        "unavailable",
        "database fail 0.2500 s OperationalError",
        "cache pass 0.0001 s",
    ]


@pytest.mark.parametrize("media_type", [JSON, HEALTH_JSON])
@pytest.mark.parametrize(
    ("results", "status"),
    [([], "pass"), ([GOOD], "pass"), ([GOOD, SLOW], "warn"), ([SLOW, BAD], "fail")],
)
def test_json_is_one_status(media_type: str, results: list[Result], status: str) -> None:
    assert json.loads(write(results, media_type, details=False)) == {"status": status}


def test_json_with_details_follows_the_draft() -> None:
    assert json.loads(write([BAD, GOOD], HEALTH_JSON, details=True)) == {
        "status": "fail",
        "checks": {
            "database:responseTime": [
                {
                    "status": "fail",
                    "observedValue": 0.25,
                    "observedUnit": "s",
                    "output": "OperationalError",
                }
            ],
            # The draft: no output where the status is pass.
            "cache:responseTime": [
                {"status": "pass", "observedValue": 0.00012, "observedUnit": "s"}
            ],
        },
    }


def test_openmetrics_without_details_is_the_status_alone() -> None:
    text = write([GOOD, BAD], OPENMETRICS, details=False).decode()
    (family,) = text_string_to_metric_families(text)
    assert (family.name, family.type) == ("scaleready_probe", "stateset")
    assert {s.labels["scaleready_probe"]: s.value for s in family.samples} == {
        "pass": 0,
        "warn": 0,
        "fail": 1,
    }


def test_openmetrics_with_details_names_each_check() -> None:
    odd = Result('disk:"a\\b"', Status.WARN, 0.5)
    text = write([BAD, odd], OPENMETRICS, details=True).decode()
    families = {family.name: family for family in text_string_to_metric_families(text)}
    durations = families["scaleready_check_duration_seconds"]
    assert durations.unit == "seconds"
    assert {s.labels["component"]: s.value for s in durations.samples} == {
        "database": 0.25,
        'disk:"a\\b"': 0.5,
    }
    states = [s.labels for s in families["scaleready_check"].samples if s.value]
    assert [labels["scaleready_check"] for labels in states] == ["fail", "warn"]


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_the_reason_is_for_the_log_alone(media_type: str) -> None:
    assert b"db.internal" not in write([BAD], media_type, details=True)
