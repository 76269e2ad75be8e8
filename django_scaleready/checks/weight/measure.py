"""What parts of Django cost in this project: it is started with and without them, and compared."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django_scaleready.checks.weight.child import MARK
from django_scaleready.checks.weight.parts import Part
from django_scaleready.service_urls import redacted

# Seconds for one start and its requests.
TIMEOUT = 120


class WeighingError(Exception):
    """The project cannot be started as it is; the message says why."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One process: its private bytes, the CPU seconds of a request or why there are none."""

    memory: int
    seconds: float | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """A median, and how far single rounds were from it."""

    median: float
    spread: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Difference:
        """Take the differences of all rounds."""
        median = statistics.median(values)
        return cls(median, max(abs(value - median) for value in values))


@dataclass(frozen=True, slots=True)
class Weight:
    """What a part costs: bytes of a process, CPU seconds of a request; or why nobody knows."""

    part: Part
    memory: Difference | None = None
    seconds: Difference | None = None
    problem: str = ""


def weigh(
    parts: Sequence[Part],
    *,
    rounds: int,
    requests: int,
    start: Callable[[Sequence[Part], int], Sample | str] | None = None,
) -> tuple[Sample, list[Weight]]:
    """Return the project as it is, and the weight of each part.

    Parts are left out one after the other, in the order given: a part weighs what the process
    without those before it loses when it goes, too. All are started in each round, so that a busy
    moment strikes all alike. WeighingError if the project does not start.
    """
    start = start or _start
    kept, problems = _possible(parts, start)
    steps = [tuple(kept[:count]) for count in range(len(kept) + 1)]
    measured: list[list[Sample]] = []
    for _ in range(rounds):
        samples = [start(step, requests) for step in steps]
        if failed := [sample for sample in samples if isinstance(sample, str)]:
            raise WeighingError(failed[0])
        measured.append([sample for sample in samples if isinstance(sample, Sample)])
    weights = {part: _weight(part, index, measured) for index, part in enumerate(kept)}
    whole = min((samples[0] for samples in measured), key=lambda sample: sample.seconds or 0)
    return whole, [
        weights[part] if part in weights else Weight(part, problem=problems[part]) for part in parts
    ]


def _possible(
    parts: Sequence[Part], start: Callable[[Sequence[Part], int], Sample | str]
) -> tuple[list[Part], dict[Part, str]]:
    """Return the parts that the project starts without, and what it says without the others."""
    if isinstance(whole := start((), 1), str):
        raise WeighingError(whole)
    kept: list[Part] = []
    problems: dict[Part, str] = {}
    for part in parts:
        sample = start([*kept, part], 1)
        if isinstance(sample, str):
            problems[part] = sample
        else:
            kept.append(part)
    return kept, problems


def _weight(part: Part, index: int, measured: Sequence[Sequence[Sample]]) -> Weight:
    pairs = [(samples[index], samples[index + 1]) for samples in measured]
    memory = Difference.of([with_it.memory - without.memory for with_it, without in pairs])
    seconds = [
        with_it.seconds - without.seconds
        for with_it, without in pairs
        if with_it.seconds is not None and without.seconds is not None
    ]
    return Weight(part, memory, Difference.of(seconds) if seconds else None)


def _start(left_out: Sequence[Part], requests: int) -> Sample | str:
    """Start the project without some parts; return what is wrong if that fails."""
    plan = {
        "apps": [part.app for part in left_out if part.app],
        "middleware": [part.middleware for part in left_out if part.middleware],
        "templates": any(part.setting == "TEMPLATES" for part in left_out),
        "requests": requests,
    }
    # It must find the project as this process does.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path or "." for path in sys.path)}
    try:
        done = subprocess.run(  # noqa: S603 - this interpreter, and a plan of our own
            [sys.executable, "-m", "django_scaleready.checks.weight.child", json.dumps(plan)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"it did not start and answer within {TIMEOUT} s"
    for line in done.stdout.splitlines():
        if line.startswith(MARK):
            answer = json.loads(line.removeprefix(MARK))
            return Sample(answer["bytes"], answer.get("seconds"), answer.get("problem", ""))
    said = done.stderr.strip().splitlines() or [f"it ended with {done.returncode}"]
    return redacted(said[-1])
