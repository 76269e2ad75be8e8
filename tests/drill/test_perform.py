"""Fault after fault, on a stage whose clock and load are in the test's hand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from support.synthetic import sample

from django_scaleready.drill import perform as module
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.faults.base import Fault, NotHereError
from django_scaleready.drill.judge import Verdict
from django_scaleready.drill.promises import Observation, Promise
from django_scaleready.drill.recording import Sample
from django_scaleready.drill.report import Report
from django_scaleready.drill.scenarios import Scenario
from django_scaleready.drill.stage import Options
from django_scaleready.drill.waiting import DrillError


@dataclass
class Script:
    """What each step of a fault does, and which of them were taken."""

    steps: dict[str, Callable[[], None]] = field(default_factory=dict)
    taken: list[str] = field(default_factory=list)


def scripted(name_: str, script: Script) -> type[Fault]:
    def take(step: str) -> None:
        script.taken.append(f"{name_} {step}")
        script.steps.get(step, lambda: None)()

    class Scripted(Fault):
        name: ClassVar = name_
        title: ClassVar = name_.capitalize()
        promise: ClassVar = Promise("It holds.", "Because.")

        def prepare(self) -> None:
            take("prepare")

        def inject(self) -> None:
            take("inject")

        def end(self) -> None:
            take("end")

        def restore(self) -> None:
            take("restore")

        def observations(self) -> Sequence[Observation]:
            return [Observation("topic", "something", "seen", held=True)]

    return Scripted


@pytest.fixture
def play(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., Report]:
    """Perform these faults; ten requests a second, of which none fails."""
    monkeypatch.setattr(module, "_QUICK", 0.3)
    stage = SimpleNamespace(
        options=Options(quick=True),
        clock=Clock(),
        replicas=[],
        naive=False,
        services=SimpleNamespace(databases={}, pgbouncer=None, redis=[], s3={}),
        balancer=SimpleNamespace(name="none", up=frozenset),
        release=SimpleNamespace(
            directory=tmp_path,
            limitations=["All share the test."],
            target=SimpleNamespace(directory=Path("/srv/shop"), settings="shop.settings"),
        ),
        settle=lambda: None,
    )

    def samples() -> list[Sample]:
        return [sample(tenth / 10) for tenth in range(int(stage.clock.now() * 10))]

    stage.load = SimpleNamespace(samples=samples, stop=samples)
    announced: list[str] = []
    verdicts: list[Verdict] = []

    def perform(*scenarios: Scenario, settle: Callable[[], None] = lambda: None) -> Report:
        stage.settle = settle
        anything: Any = stage
        report = module.perform(
            anything, scenarios, announce=announced.append, judged=verdicts.append
        )
        assert announced[0] == "No fault"
        assert [v.trial.name for v in verdicts] == [v.trial.name for v in report.verdicts]
        return report

    return perform


def scenario(name: str, script: Script) -> Scenario:
    fault = scripted(name, script)
    return Scenario(fault, lambda _stage: fault())


def names(report: Report) -> list[str]:
    return [verdict.trial.name for verdict in report.verdicts]


def test_each_is_tried_and_judged_in_turn(play: Callable[..., Report]) -> None:
    script = Script()
    report = play(scenario("one", script), scenario("two", script))
    steps = ("prepare", "inject", "end", "restore")
    assert script.taken == [f"{name} {step}" for name in ("one", "two") for step in steps]
    assert names(report) == ["baseline", "one", "two"]
    assert report.held
    assert report.exit_code == 0
    assert [span.name for span in report.recording.faults] == ["one", "two"]
    assert report.limitations == ["All share the test."]


def test_a_replica_that_does_not_come_back_is_a_promise_broken(
    play: Callable[..., Report],
) -> None:
    def fail() -> None:
        raise DrillError("replica-2, 200 from /readyz: not within 60 s")

    report = play(scenario("one", Script({"end": fail})), scenario("two", Script()))
    _, one, two = report.verdicts
    assert one.broken == ["afterwards: replica-2, 200 from /readyz: not within 60 s"]
    assert "log says" in one.advice[0].text
    assert two.held
    assert report.exit_code == 1


def test_what_cannot_be_tried_here_is_skipped_with_its_reason(
    play: Callable[..., Report],
) -> None:
    def build(_stage: object) -> Fault:
        raise NotHereError("There is no Redis.")

    without = Scenario(scripted("one", Script()), build)
    report = play(without, scenario("two", Script()))
    assert names(report) == ["baseline", "two"]
    assert [(one.name, one.why) for one in report.skipped] == [("one", "There is no Redis.")]
    assert report.held


def test_without_its_replicas_the_rest_is_not_tried(play: Callable[..., Report]) -> None:
    times = iter([None, DrillError("all replicas in the balancer: not within 60 s")])

    def settle() -> None:
        if error := next(times):
            raise error

    script = Script()
    report = play(*(scenario(name, script) for name in ("one", "two", "three")), settle=settle)
    assert names(report) == ["baseline", "one"]
    assert [one.name for one in report.skipped] == ["two", "three"]
    assert "not within 60 s" in report.skipped[0].why
    assert "two inject" not in script.taken


def test_what_was_judged_stays_also_if_its_stage_cannot_be_restored(
    play: Callable[..., Report],
) -> None:
    def fail() -> None:
        raise DrillError("replica-3: not within 60 s")

    report = play(scenario("one", Script({"restore": fail})), scenario("two", Script()))
    assert names(report) == ["baseline", "one"]
    assert [one.name for one in report.skipped] == ["two"]


@pytest.mark.parametrize("step", ["prepare", "inject", "end"])
def test_ctrl_c_ends_it_with_what_was_seen(play: Callable[..., Report], step: str) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    report = play(scenario("one", Script()), scenario("two", Script({step: interrupt})))
    assert report.interrupted
    assert report.exit_code == 130
    assert not report.held
    assert names(report) == ["baseline", "one"]
    assert "Interrupted: All 2 promises held so far" in report.headline
    assert len(report.recording.samples) > 5


def test_a_mistake_of_ours_is_no_verdict(play: Callable[..., Report]) -> None:
    def slip() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        play(scenario("one", Script({"inject": slip})))
