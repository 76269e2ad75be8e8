"""A recording that nobody had to wait for: made of arithmetic, the same each time."""

from __future__ import annotations

import random
from collections.abc import Sequence

from django_scaleready.drill.judge import judge
from django_scaleready.drill.promises import Excused, Observation, Promise, Skipped, Trial
from django_scaleready.drill.recording import (
    DOWN,
    DRAINING,
    READY,
    STARTING,
    FaultSpan,
    Recording,
    Sample,
    StateChange,
)
from django_scaleready.drill.report import Report

RATE = 40
SETUP = {"replicas": "3 replicas", "server": "gunicorn (gthread)", "balancer": "HAProxy"}
REPLICAS = ("replica-a", "replica-b", "replica-c")


def sample(at: float, outcome: str = "ok", seconds: float = 0.01, id_: str = "") -> Sample:
    """One request of the smallest interest."""
    return Sample(at, "post" if id_ else "get", "/", "replica-a", outcome, seconds, id_)


def trial(
    began: float = 10.0,
    ended: float = 20.0,
    *,
    name: str = "rolling-restart",
    excused: Excused = Excused.NONE,
    grace: float = 0.1,
    recovery: float = 5.0,
    p99: float | None = None,
    observations: Sequence[Observation] = (),
) -> Trial:
    """A fault with five seconds on either side of it."""
    promise = Promise("It holds.", "Because.", excused, grace, recovery=recovery, p99=p99)
    span = FaultSpan(name, began, ended)
    title = name.replace("-", " ").capitalize()
    return Trial(title, promise, began - 5, span, ended + 5, began, observations)


def traffic(
    seconds: float, failing: Sequence[tuple[float, float, str]] = (), seed: int = 1
) -> list[Sample]:
    """RATE requests a second; those sent in a failing stretch (from, to, outcome) mostly fail."""
    luck = random.Random(seed)
    samples = []
    for number in range(int(seconds * RATE)):
        at = number / RATE
        outcome, took = "ok", luck.lognormvariate(-4.4, 0.4)
        for began, ended, name in failing:
            if began <= at < ended:
                outcome, took = (name, 0.02) if luck.random() < 0.7 else ("ok", took * 20)
        samples.append(sample(at, outcome, took, f"p{number}" if number % 5 == 0 else ""))
    return samples


def report(*, broken: bool = True) -> Report:
    """A drill of 80 s with four faults; ``broken``: two of them do what a naive project does."""
    hop = [
        Observation("session", "A session of one replica on another", "unknown there", not broken),
        Observation("upload", "A file uploaded to one replica, read on another", "same", held=True),
    ]
    trials = [
        trial(6, 9, name="hop", observations=hop),
        trial(16, 34, name="rolling-restart"),
        trial(46, 49, name="replica-killed", excused=Excused.IN_FLIGHT),
        trial(60, 66, name="postgres-restarted", excused=Excused.MEANWHILE, grace=1),
    ]
    failing = [(60.5, 64.0, "500")]
    if broken:
        failing += [(18, 19.2, "reset"), (24, 25.1, "502"), (30, 31, "reset")]
    samples = traffic(75, failing)
    executed = {s.id: 1 for s in samples if s.id and not s.failed}
    states = [StateChange(0.2, name, READY) for name in REPLICAS]
    for number, name in enumerate(REPLICAS):
        at = 16 + number * 6
        states += [
            StateChange(at, name, DRAINING),
            StateChange(at + 3, name, DOWN),
            StateChange(at + 3.5, name, STARTING),
            StateChange(at + 5.5, name, READY),
        ]
    states += [StateChange(46, "replica-b", DOWN), StateChange(49, "replica-b", STARTING),
               StateChange(52, "replica-b", READY)]  # fmt: skip
    states.sort()
    recording = Recording(samples, states, [one.span for one in trials], executed)
    verdicts = [judge(recording, one) for one in trials]
    skipped = [Skipped("pgbouncer-restarted", "PgBouncer restarted", "pgbouncer is not installed.")]
    return Report("castaway", "2026-01-02T03:04:05+00:00", SETUP, recording, verdicts, skipped)
