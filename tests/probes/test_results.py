from __future__ import annotations

import dataclasses

import pytest

from django_scaleready.probes.results import Outcome, Result, Status, overall


def result(status: Status, *, finished: bool = True) -> Result:
    return Result("database", status, 0.1, finished=finished)


@pytest.mark.parametrize(
    ("statuses", "worst"),
    [
        ([], Status.PASS),
        ([Status.PASS, Status.PASS], Status.PASS),
        ([Status.PASS, Status.WARN], Status.WARN),
        ([Status.WARN, Status.FAIL, Status.PASS], Status.FAIL),
    ],
)
def test_the_worst_status_is_the_probe_s(statuses: list[Status], worst: Status) -> None:
    results = tuple(result(status) for status in statuses)
    assert overall(results) is worst
    assert Outcome(results).status is worst


def test_an_outcome_is_finished_when_all_of_it_is() -> None:
    assert Outcome((result(Status.PASS), result(Status.FAIL))).finished
    assert not Outcome((result(Status.PASS), result(Status.FAIL, finished=False))).finished


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result(Status.PASS).status = Status.FAIL  # type: ignore[misc]  # that is the point
