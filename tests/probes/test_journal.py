from __future__ import annotations

import logging

import pytest

from django_scaleready.probes.journal import Journal
from django_scaleready.probes.results import Outcome, Result, Status

WELL = Outcome((Result("database", Status.PASS, 0.0),), at=107.5)
AWAY = Result("database", Status.FAIL, 0.1, "OperationalError", "OperationalError: refused")
RUNNING = Result("database", Status.FAIL, 0.8, "running for 0.8 s", "running for 0.8 s", False)
SLOW = Result("cache", Status.WARN, 0.1, "TimeoutError", "TimeoutError: 0.5 s")


def written(caplog: pytest.LogCaptureFixture, *outcomes: Outcome, **options: int) -> list[str]:
    journal = Journal("readiness", **options)
    with caplog.at_level(logging.DEBUG):
        for outcome in outcomes:
            journal.note(outcome)
    return [f"{record.levelname} {record.getMessage()}" for record in caplog.records]


def failed(*results: Result, at: float = 100.0) -> Outcome:
    return Outcome(results, at)


def test_what_passes_is_not_written_down(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, WELL, WELL) == []


def test_a_failure_and_its_end_are_a_line_each(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, failed(AWAY), failed(AWAY, at=101.0), WELL, WELL) == [
        "WARNING readiness fail: database: OperationalError: refused",
        "INFO readiness: database pass again, after 7.5 s",
    ]


def test_what_fails_beside_it_is_a_change(caplog: pytest.LogCaptureFixture) -> None:
    assert written(caplog, failed(AWAY), failed(AWAY, SLOW), failed(SLOW)) == [
        "WARNING readiness fail: database: OperationalError: refused",
        "WARNING readiness fail: database: OperationalError: refused; cache: TimeoutError: 0.5 s",
        "WARNING readiness warn: cache: TimeoutError: 0.5 s",
    ]


def test_a_verdict_has_the_level_that_was_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    lines = written(caplog, failed(RUNNING), failed(AWAY), failed(SLOW), level=logging.ERROR)
    assert [line.split()[0] for line in lines] == ["WARNING", "ERROR", "WARNING"]


def test_an_age_that_grows_is_no_change(caplog: pytest.LogCaptureFixture) -> None:
    older = Result("database", Status.FAIL, 9.8, "running for 9.8 s", "running for 9.8 s", False)
    assert len(written(caplog, failed(RUNNING), failed(older))) == 1
