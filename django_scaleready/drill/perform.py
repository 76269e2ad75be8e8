"""The drill itself: fault after fault, each judged, while requests go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django_scaleready.drill import counted
from django_scaleready.drill.faults.base import Fault, NotHereError
from django_scaleready.drill.judge import Verdict, failing, judge
from django_scaleready.drill.promises import Observation, Promise, Skipped, Trial
from django_scaleready.drill.recording import FaultSpan, Recording, Sample
from django_scaleready.drill.report import Report
from django_scaleready.drill.scenarios import Scenario
from django_scaleready.drill.stage import Stage
from django_scaleready.drill.waiting import DrillError
from django_scaleready.drill.watch import Watch

BASELINE = "baseline"
_NOTHING_BROKEN = Promise(
    "Every request is answered.",
    "What fails by itself says nothing about replicas, and hides what does.",
)
# Seconds of requests before and after a fault, to compare with. Longer than the slow requests
# last, so that what a fault cuts off was sent in its own time.
_QUIET, _QUICK = 5.0, 2.5


@dataclass
class _Course:
    """What has been seen so far."""

    stage: Stage
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    trials: list[Trial] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    interrupted: bool = False

    def recording(self, samples: Sequence[Sample], watch: Watch) -> Recording:
        """Everything recorded; the servers have counted what they executed."""
        executed = counted.executed(self.stage.release.directory)
        spans = [trial.span for trial in self.trials if trial.name != BASELINE]
        return Recording(list(samples), list(watch.changes), spans, executed)

    def skip(self, why: str, *scenarios: Scenario) -> None:
        """These were not tried."""
        self.skipped += [Skipped(one.name, one.fault.title, why) for one in scenarios]

    def verdicts(self, recording: Recording) -> list[Verdict]:
        """Each trial judged. What failed in the first one, without a fault, is told there."""
        if not self.trials:
            return []
        baseline, *others = self.trials
        known = failing(recording, baseline)
        first = judge(recording, baseline)
        return [first, *(judge(recording, trial, known) for trial in others)]


def perform(
    stage: Stage,
    scenarios: Sequence[Scenario],
    *,
    announce: Callable[[str], None],
    judged: Callable[[Verdict], None],
) -> Report:
    """Try each scenario and judge it; Ctrl-C ends it early with what was seen.

    ``announce`` gets the title of what is tried next, ``judged`` each verdict as it falls.
    """
    course = _Course(stage)
    with Watch(stage.clock, stage.replicas, stage.balancer) as watch:
        try:
            _all(course, watch, scenarios, announce, judged)
            samples = stage.load.stop()
        except KeyboardInterrupt:
            course.interrupted = True
            samples = stage.load.samples()
    recording = course.recording(samples, watch)
    return Report(
        project=stage.release.target.directory.name,
        began=course.began,
        setup=_setup(stage),
        recording=recording,
        verdicts=course.verdicts(recording),
        skipped=course.skipped,
        limitations=stage.release.limitations,
        interrupted=course.interrupted,
    )


def _all(
    course: _Course,
    watch: Watch,
    scenarios: Sequence[Scenario],
    announce: Callable[[str], None],
    judged: Callable[[Verdict], None],
) -> None:
    def add(trial: Trial) -> None:
        course.trials.append(trial)
        judged(course.verdicts(course.recording(course.stage.load.samples(), watch))[-1])

    announce("No fault")
    add(_baseline(course.stage))
    for number, scenario in enumerate(scenarios):
        announce(scenario.fault.title)
        rest = scenarios[number:]
        try:
            fault = scenario.build(course.stage)
            fault.prepare()
            course.stage.settle()
            add(_trial(course.stage, fault))
            rest = scenarios[number + 1 :]
            fault.restore()
        except NotHereError as error:
            course.skip(str(error), scenario)
        except DrillError as error:
            # Too little is left to break; what was judged stays.
            course.skip(f"The replicas were not back before it: {error}", *rest)
            return


def _quiet(stage: Stage) -> None:
    time.sleep(_QUICK if stage.options.quick else _QUIET)


def _baseline(stage: Stage) -> Trial:
    began = stage.clock.now()
    _quiet(stage)
    ended = stage.clock.now()
    span = FaultSpan(BASELINE, began, ended)
    return Trial("No fault", _NOTHING_BROKEN, 0.0, span, ended, began)


def _trial(stage: Stage, fault: Fault) -> Trial:
    now, failure = stage.clock.now, ""
    began = now()
    _quiet(stage)
    injected = struck = now()
    try:
        fault.inject()
        struck = now()
        time.sleep(fault.hold)
        fault.end()
    except DrillError as error:
        # A replica that does not come back is no trouble of the drill's: it is what it finds.
        failure = str(error)
    span = FaultSpan(fault.name, injected, now())
    _quiet(stage)
    seen = list(fault.observations())
    if failure:
        seen.append(Observation("back", "afterwards", failure, held=False))
    return Trial(fault.title, fault.promise, began, span, now(), struck, seen)


def _setup(stage: Stage) -> dict[str, str]:
    options, services = stage.options, stage.services
    shared = [
        name
        for name, there in (
            ("PostgreSQL", services.databases),
            ("PgBouncer", services.pgbouncer),
            ("Redis", services.redis),
            ("S3", services.s3),
        )
        if there
    ]
    where = "as configured" if options.configured else "embedded"
    configuration = "without the kit's configuration" if stage.naive else "configured by the kit"
    return {
        "settings": stage.release.target.settings,
        "replicas": f"{len(stage.replicas)} replicas",
        "server": f"{options.server} {configuration}",
        "balancer": stage.balancer.name,
        "services": f"{', '.join(shared)} {where}" if shared else "no services",
        "rate": f"{options.rate:g} requests a second",
    }  # fmt: skip
