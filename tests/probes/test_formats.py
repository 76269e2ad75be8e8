from __future__ import annotations

import json

import pytest

from django_scaleready.probes.formats import HEALTH_JSON, JSON, PLAIN, write
from django_scaleready.probes.results import Result, Status

GOOD = Result("cache", Status.PASS, 0.00012)
SLOW = Result("database", Status.WARN, 1.5, "slow: 1.50 s", "slow: 1.50 s")
BAD = Result("database", Status.FAIL, 0.25, "OperationalError", "OperationalError: db.internal")


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


@pytest.mark.parametrize("media_type", [PLAIN, JSON, HEALTH_JSON])
def test_the_reason_is_for_the_log_alone(media_type: str) -> None:
    assert b"db.internal" not in write([BAD], media_type, details=True)
