"""The ladder: what is derived is consistent, and what is not is found."""

from __future__ import annotations

import itertools
import subprocess
import sys

import pytest

from django_scaleready.budget import RESERVED_CONNECTIONS, Ladder, connections
from django_scaleready.figures import BY_NAME, FIGURES, Figure


def contradictions(**declared: float) -> dict[tuple[str, str], bool]:
    """The pairs that contradict each other, and whether that is certain."""
    return {problem.figures: problem.certain for problem in Ladder.derive(declared).problems()}


def test_it_needs_no_django() -> None:
    code = (
        "import sys, django_scaleready.budget;"
        "sys.exit(any(name.partition('.')[0] in {'django', 'environ'} for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0


def test_undeclared_it_fits_what_kubernetes_gives() -> None:
    ladder = Ladder.derive({})
    assert ladder.problems() == []
    assert ladder.grace_period == 30
    assert ladder.stop <= 30
    assert ladder.drain >= max(5, ladder.detection + ladder.margin)
    assert ladder.request_timeout < ladder.graceful_timeout
    assert ladder.connect_timeout + ladder.statement_timeout < ladder.request_timeout
    assert ladder.balancer_idle_timeout < ladder.keepalive
    assert ladder.task_soft_limit < ladder.task_hard_limit < ladder.visibility_timeout
    assert ladder.declared == frozenset()


@pytest.mark.parametrize("interval", [0.1, 0.5, 1, 3])
@pytest.mark.parametrize("failures", [1, 2, 3])
@pytest.mark.parametrize("idle", [10, 60, 4000])
def test_what_is_derived_is_consistent(interval: float, failures: int, idle: float) -> None:
    for grace, request, hard in itertools.product([40, 120, 900], [2, 7, 10], [2, 300, 7200]):
        assert (
            contradictions(
                probe_interval=interval,
                probe_failures=failures,
                balancer_idle_timeout=idle,
                grace_period=grace,
                request_timeout=request,
                task_hard_limit=hard,
            )
            == {}
        )


@pytest.mark.parametrize(
    "declared",
    [
        {"grace_period": 20},
        {"grace_period": 3600},
        {"request_timeout": 60, "grace_period": 69},
        {"probe_interval": 10, "probe_failures": 3, "grace_period": 90},
        {"probe_interval": 0.1},
        {"drain": 2.8},
        {"balancer_idle_timeout": 350},
        {"balancer_idle_timeout": 4},
        {"task_soft_limit": 3000},
        {"task_hard_limit": 3599, "visibility_timeout": 3600},
        {"margin": 0},
        {"keepalive": 61},
        # Only sync workers are ended by it, and nobody said how long a request takes.
        {"worker_timeout": 10},
    ],
)
def test_silent_on_what_fits(declared: dict[str, float]) -> None:
    assert contradictions(**declared) == {}


@pytest.mark.parametrize(
    ("declared", "pair", "certain"),
    [
        # Docker's own grace period is not enough for any drain.
        ({"grace_period": 10}, ("graceful_timeout", "grace_period"), True),
        # 60 s are not what Kubernetes gives; but perhaps somebody told it.
        ({"request_timeout": 60}, ("graceful_timeout", "grace_period"), False),
        ({"drain": 25}, ("graceful_timeout", "grace_period"), False),
        ({"drain": 25, "grace_period": 30}, ("graceful_timeout", "grace_period"), True),
        ({"drain": 2.7}, ("probe_interval", "drain"), False),
        ({"drain": 5, "probe_interval": 5}, ("probe_interval", "drain"), True),
        ({"probe_timeout": 1}, ("probe_timeout", "probe_interval"), False),
        ({"probe_timeout": 1, "probe_interval": 1}, ("probe_timeout", "probe_interval"), True),
        (
            {"graceful_timeout": 9, "request_timeout": 9},
            ("request_timeout", "graceful_timeout"),
            True,
        ),
        (
            {"request_timeout": 61, "grace_period": 99},
            ("request_timeout", "balancer_idle_timeout"),
            False,
        ),
        (
            # Not every balancer counts a silent request as idle.
            {"request_timeout": 61, "balancer_idle_timeout": 60, "grace_period": 99},
            ("request_timeout", "balancer_idle_timeout"),
            False,
        ),
        ({"keepalive": 60}, ("balancer_idle_timeout", "keepalive"), False),
        (
            {"keepalive": 5, "balancer_idle_timeout": 5},
            ("balancer_idle_timeout", "keepalive"),
            True,
        ),
        (
            {"request_timeout": 20, "worker_timeout": 20},
            ("request_timeout", "worker_timeout"),
            False,
        ),
        ({"connect_timeout": 21}, ("connect_timeout", "request_timeout"), False),
        (
            {"statement_timeout": 9, "request_timeout": 9},
            ("statement_timeout", "request_timeout"),
            True,
        ),
        (
            {"task_soft_limit": 60, "task_hard_limit": 60},
            ("task_soft_limit", "task_hard_limit"),
            True,
        ),
        ({"visibility_timeout": 300}, ("task_hard_limit", "visibility_timeout"), True),
        ({"worker_shutdown": 29}, ("worker_shutdown", "grace_period"), False),
        ({"worker_shutdown": 29, "grace_period": 30}, ("worker_shutdown", "grace_period"), True),
    ],
)
def test_finds(declared: dict[str, float], pair: tuple[str, str], certain: bool) -> None:
    assert contradictions(**declared) == {pair: certain}


@pytest.mark.parametrize(
    ("declared", "figure", "value"),
    [
        # Where probes are quick, Kubernetes is not.
        ({"probe_interval": 0.1}, "drain", 5),
        ({"probe_interval": 0.1}, "probe_timeout", 0.08),
        # 3 x 2 + 0.8 + 2, in whole seconds.
        ({"probe_interval": 3}, "drain", 9),
        ({"grace_period": 60}, "graceful_timeout", 53),
        ({"grace_period": 60}, "request_timeout", 51),
        ({"grace_period": 600}, "request_timeout", 60),
        ({"request_timeout": 50}, "graceful_timeout", 52),
        ({"request_timeout": 2}, "connect_timeout", 1),
        ({"request_timeout": 2}, "statement_timeout", 1),
        ({"balancer_idle_timeout": 350}, "keepalive", 438),
        ({}, "worker_timeout", 30),
        ({"request_timeout": 28}, "worker_timeout", 30),
        ({"request_timeout": 50}, "worker_timeout", 52),
        ({"request_timeout": 50, "margin": 0}, "worker_timeout", 51),
        ({"task_hard_limit": 4000}, "visibility_timeout", 8000),
        ({"task_soft_limit": 900}, "task_hard_limit", 1000),
        ({"grace_period": 90}, "worker_shutdown", 60),
    ],
)
def test_what_follows(declared: dict[str, float], figure: str, value: float) -> None:
    assert getattr(Ladder.derive(declared), figure) == pytest.approx(value)


def test_a_problem_says_what_happens_and_what_to_change() -> None:
    (problem,) = Ladder.derive({"request_timeout": 60}).problems()
    assert "needs 69 s" in problem.what
    assert "after 30 s" in problem.what
    assert "Give it 69 s" in problem.change
    assert "GRACE_PERIOD" in problem.change


def test_what_a_problem_proposes_solves_it() -> None:
    assert contradictions(request_timeout=60, grace_period=69) == {}
    assert contradictions(request_timeout=60, grace_period=68) != {}


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: figure.name)
def test_each_figure_takes_numbers_from_its_minimum(figure: Figure) -> None:
    least = int(figure.minimum) if figure.whole else figure.minimum
    assert Ladder.derive({figure.name: least}).declared == {figure.name}
    assert getattr(Ladder.derive({figure.name: 99}), figure.name) == 99
    for value in (-1, float("nan"), float("inf"), True, "5", None):
        with pytest.raises(ValueError, match=rf"^{figure.name}: got .*, accepts .* from "):
            Ladder.derive({figure.name: value})  # type: ignore[dict-item]  # what is tested
    if figure.whole:
        with pytest.raises(ValueError, match="a whole number"):
            Ladder.derive({figure.name: 2.5})


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match=r"^drains: no such figure; accepts .*drain"):
        Ladder.derive({"drains": 3})


def test_options_and_variables_are_named_once() -> None:
    options = [figure.option for figure in FIGURES]
    variables = [figure.variable for figure in FIGURES if figure.variable]
    assert len(set(options)) == len(options)
    assert len(set(variables)) == len(variables)
    assert list(BY_NAME) == list(Ladder.derive({}).figures)


def test_each_reason_names_its_figures() -> None:
    reasons = Ladder.derive({"grace_period": 44}).reasons
    assert set(reasons) == set(BY_NAME)
    assert "(37)" in reasons["request_timeout"]
    assert all("{" not in reason for reason in reasons.values())


def test_connections_are_those_of_all_threads_of_all_replicas() -> None:
    assert connections(replicas=10, workers=12) == 120
    assert connections(replicas=3, workers=2, threads=4, task_processes=8) == 48
    assert RESERVED_CONNECTIONS == 3
