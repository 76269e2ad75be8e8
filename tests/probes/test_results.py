from __future__ import annotations

import dataclasses

import pytest

from django_scaleready.probes.results import Result, Status, overall


def result(status: Status) -> Result:
    return Result("database", status, 0.1)


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
    assert overall(result(status) for status in statuses) is worst


def test_a_result_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        result(Status.PASS).status = Status.FAIL  # type: ignore[misc]  # that is the point
