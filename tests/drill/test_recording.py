"""What is made of the samples of a run."""

from __future__ import annotations

import math

import pytest

from django_scaleready.drill.recording import (
    OK,
    FaultSpan,
    Percentiles,
    Recording,
    Sample,
    Second,
    percentiles,
)


def sample(
    at: float, outcome: str = OK, *, seconds: float = 0.1, kind: str = "get", id_: str = ""
) -> Sample:
    return Sample(at, kind, "/", "a", outcome, seconds, id_)


SPAN = FaultSpan("restart", 10.0, 20.0)


def test_failures_are_counted_by_name_and_by_kind() -> None:
    recording = Recording(
        [
            sample(1),
            sample(2, "reset"),
            sample(3, "reset", kind="post"),
            sample(4, "502", kind="post"),
            sample(5, kind="slow"),
        ]
    )
    assert recording.failed() == {"reset": 2, "502": 1}
    assert recording.failed_by_kind() == {
        "get": {"reset": 1},
        "post": {"reset": 1, "502": 1},
        "slow": {},
    }


def test_a_run_without_requests_has_no_figures() -> None:
    empty = Recording([])
    assert empty.failed() == {}
    assert empty.rates() == []
    assert empty.recovery(SPAN) == 0
    number, *rest = empty.percentiles()
    assert number == 0
    assert all(math.isnan(figure) for figure in rest)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([3.0], (1, 3.0, 3.0, 3.0)),
        ([2.0, 1.0], (2, 1.0, 2.0, 2.0)),
        ([float(n) for n in range(100, 0, -1)], (100, 50.0, 99.0, 100.0)),
        ([float(n) for n in range(1, 1001)], (1000, 500.0, 990.0, 1000.0)),
    ],
)
def test_a_percentile_is_a_latency_that_was_measured(
    seconds: list[float], expected: tuple[float, ...]
) -> None:
    assert percentiles(seconds) == Percentiles(*expected)  # type: ignore[arg-type] # an int first


def test_a_failure_has_no_latency() -> None:
    recording = Recording([sample(1, seconds=0.2), sample(2, "timeout", seconds=10)])
    assert recording.percentiles() == (1, 0.2, 0.2, 0.2)


def test_percentiles_of_some_kinds_alone() -> None:
    recording = Recording([sample(1, seconds=0.2), sample(2, seconds=3, kind="slow")])
    assert recording.percentiles("get") == (1, 0.2, 0.2, 0.2)
    assert recording.percentiles("get", "slow").number == 2


def test_a_request_is_before_during_or_after_a_span() -> None:
    recording = Recording(
        [
            sample(1, seconds=1),
            sample(9.9, seconds=2),  # in flight when it began
            sample(15, seconds=3),
            sample(19.9, seconds=4),  # sent in it, answered after it
            sample(20, seconds=5),
        ]
    )
    before, during, after = recording.around(SPAN)
    assert (before.number, before.slowest) == (1, 1)
    assert (during.number, during.slowest) == (3, 4)
    assert (after.number, after.slowest) == (1, 5)


def test_a_failure_belongs_to_the_window_in_which_it_was_in_flight() -> None:
    recording = Recording([sample(9.5, "reset", seconds=1), sample(21, "502")])
    assert recording.within(10, 20).failed() == {"reset": 1}
    assert recording.within(20).failed() == {"502": 1}
    assert recording.within(ended=9).failed() == {}


def test_recovery_lasts_until_the_last_failure_was_over() -> None:
    assert Recording([sample(12, "reset"), sample(30)]).recovery(SPAN) == 0
    recording = Recording([sample(12, "reset"), sample(21, "502", seconds=2), sample(30)])
    assert recording.recovery(SPAN) == 3


def test_rates_have_no_gap_where_nothing_was_answered() -> None:
    recording = Recording([sample(0.5), sample(0.95, "502"), sample(3.0), sample(3.1)])
    assert recording.rates() == [
        Second(0, 1, 0),
        Second(1, 0, 1),  # it ended there
        Second(2, 0, 0),
        Second(3, 2, 0),
    ]


def test_posts_are_compared_with_what_the_server_counted() -> None:
    posts = [sample(n, kind="post", id_=id_) for n, id_ in enumerate(("a", "b", "gone"))]
    cut = sample(4, "reset", kind="post", id_="cut")
    recording = Recording([*posts, cut, sample(5)], executed={"a": 1, "b": 2, "cut": 1})
    assert recording.duplicates() == {"b": 2}
    assert recording.lost() == ["gone"]
    assert recording.executed_unseen() == ["cut"]


def test_a_failed_post_that_no_view_saw_is_neither_lost_nor_unseen() -> None:
    recording = Recording([sample(1, "refused", kind="post", id_="a")])
    assert (recording.duplicates(), recording.lost(), recording.executed_unseen()) == ({}, [], [])
