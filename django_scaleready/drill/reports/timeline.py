"""Where everything stands on the time line: a recording as shares of a width and a height."""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass

from django_scaleready.drill.judge import SLOW
from django_scaleready.drill.recording import DOWN, Recording, Sample, percentiles
from django_scaleready.drill.report import Report

# The lanes' own coordinates; the browser stretches them.
WIDTH, HEIGHT = 1000, 100
# What has waited for a service is answered at once when it is back: a bar of ten times the others
# would press these to the ground. It ends at so many times the median.
_PEAK = 3
# More bars than that are thinner than a pixel on a small screen.
_MOST_BINS = 300
_TICKS = 10
_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600)
# The latency axis is logarithmic: what is 100 times slower must be seen beside what is not.
_FASTEST, _SLOWEST = 0.001, 10.0
# How many letters of a title fit into the whole width of a page that is not narrow.
_LETTERS = 125
_GRID = ((0.01, "10 ms"), (0.1, "100 ms"), (1.0, "1 s"))


@dataclass(frozen=True)
class Tick:
    """A label at a share (per cent) of the axis."""

    at: str
    label: str


@dataclass(frozen=True)
class Band:
    """A fault; ``left`` and ``width`` in per cent, ``number`` that of its line on the scorecard."""

    number: int
    name: str
    title: str
    left: str
    width: str
    held: bool
    roomy: bool  # enough for its title


@dataclass(frozen=True)
class Stretch:
    """A replica's state for a time; in per cent."""

    state: str
    left: str
    width: str
    words: str


@dataclass(frozen=True)
class Timeline:
    """Paths are SVG path data in a box of WIDTH by HEIGHT."""

    answered: str
    excused: str
    failed: str
    p50: str
    p99: str
    rates: Sequence[Tick]
    latencies: Sequence[Tick]
    seconds: Sequence[Tick]
    bands: Sequence[Band]
    replicas: Sequence[tuple[str, Sequence[Stretch]]]


@dataclass(frozen=True)
class _Bin:
    """``failed`` and ``excused`` do not overlap."""

    answered: int
    excused: int
    failed: int
    p50: float
    p99: float

    @property
    def ended(self) -> int:
        return self.answered + self.excused + self.failed


def timeline(report: Report) -> Timeline:
    """Lay a report out; it must hold at least one request or trial."""
    end = max(report.duration, 1.0)
    width = max(1, math.ceil(end / _MOST_BINS))
    allowed = {s for verdict in report.verdicts for s in verdict.excused}
    bins = _bins(report.recording.samples, allowed, end, width)
    top = _nice(_highest([one.ended for one in bins]) / width)
    scale = HEIGHT / (top * width)
    stacks = [_stack(one, scale) for one in bins]
    failed, excused, answered = (
        _bars([stack[layer] for stack in stacks], width / end * WIDTH) for layer in range(3)
    )
    return Timeline(
        answered=answered,
        excused=excused,
        failed=failed,
        p50=_line([one.p50 for one in bins], end, width),
        p99=_line([one.p99 for one in bins], end, width),
        rates=[Tick(_percent(share), f"{top * share:,.0f}") for share in (0.5, 1.0)],
        latencies=[Tick(_percent(_height(seconds)), label) for seconds, label in _GRID],
        seconds=list(_ticks(end)),
        bands=list(_bands(report, end)),
        replicas=list(_replicas(report.recording, end)),
    )


def _highest(numbers: Sequence[int]) -> float:
    usual = statistics.median(number for number in numbers if number) if any(numbers) else 0
    return min(max(numbers), _PEAK * usual)


def _bins(samples: Sequence[Sample], allowed: Set[Sample], end: float, width: int) -> list[_Bin]:
    # The last second is rarely a whole one, and would look like a drop.
    number = max(1, math.floor(end / width))
    sorted_in: list[list[Sample]] = [[] for _ in range(number)]
    for sample in samples:
        if 0 <= (index := int(sample.ended // width)) < number:
            sorted_in[index].append(sample)
    bins = []
    for inside in sorted_in:
        latency = percentiles([s.seconds for s in inside if not s.failed and s.kind != SLOW])
        failures = [s for s in inside if s.failed]
        excused = sum(s in allowed for s in failures)
        answered, failed = len(inside) - len(failures), len(failures) - excused
        bins.append(_Bin(answered, excused, failed, latency.p50, latency.p99))
    return bins


def _stack(one: _Bin, scale: float) -> list[tuple[float, float]]:
    """(bottom, height) of failed, excused, answered: failures stand on the ground."""
    stack, bottom = [], 0.0
    # One request of five hundred is what this page is there to show.
    for number, least in ((one.failed, 6.0), (one.excused, 6.0), (one.answered, 0.0)):
        height = min(max(number * scale, least), HEIGHT - bottom) if number else 0.0
        stack.append((bottom, height))
        bottom += height
    return stack


def _bars(layer: Sequence[tuple[float, float]], pitch: float) -> str:
    wide = pitch * 0.86
    return "".join(
        f"M{index * pitch:.1f} {HEIGHT - bottom - height:.1f}h{wide:.1f}v{height:.1f}h-{wide:.1f}z"
        for index, (bottom, height) in enumerate(layer)
        if height
    )


def _line(values: Sequence[float], end: float, width: int) -> str:
    """A gap where nothing was answered."""
    parts, drawing = [], False
    for index, seconds in enumerate(values):
        if math.isnan(seconds):
            drawing = False
            continue
        x = (index + 0.5) * width / end * WIDTH
        y = HEIGHT * (1 - _height(seconds))
        parts.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        if not drawing:
            parts.append("h0.1")  # A single point would not be drawn.
        drawing = True
    return "".join(parts)


def _height(seconds: float) -> float:
    share = math.log10(max(seconds, _FASTEST) / _FASTEST) / math.log10(_SLOWEST / _FASTEST)
    return min(share, 1.0)


def _nice(number: float) -> int:
    """The next of 1, 2, 3, 4, 5, 6, 8, 10, 20, 30 ... that is not smaller."""
    power = 10 ** max(0, math.floor(math.log10(max(number, 1))))
    return int(next(step * power for step in (1, 2, 3, 4, 5, 6, 8, 10) if step * power >= number))


def _ticks(end: float) -> Iterator[Tick]:
    step = next((step for step in _STEPS if end / step <= _TICKS), _STEPS[-1])
    for second in range(0, math.floor(end) + 1, step):
        yield Tick(_percent(second / end), _clock(second))


def _clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes}:{rest:02}" if minutes else f"{rest} s"


def _bands(report: Report, end: float) -> Iterator[Band]:
    for number, verdict in enumerate(report.verdicts, 1):
        span = verdict.trial.span
        left, width = _percent(span.began / end), _percent((span.ended - span.began) / end)
        roomy = (span.ended - span.began) / end * _LETTERS > len(verdict.trial.title) + 4
        yield Band(number, span.name, verdict.trial.title, left, width, verdict.held, roomy)


def _replicas(recording: Recording, end: float) -> Iterator[tuple[str, Sequence[Stretch]]]:
    names = dict.fromkeys(change.replica for change in recording.states)
    for name in names:
        changes = [(c.at, c.state) for c in recording.states if c.replica == name]
        ends = [at for at, _ in changes[1:]] + [end]
        yield name, [
            Stretch(state, _percent(at / end), _percent((until - at) / end),
                    f"{name} {state} from {at:.1f} s to {until:.1f} s")
            for (at, state), until in zip(changes, ends, strict=True)
            # The supervisor ends all of them when the drill is over.
            if until > at and not (state == DOWN and at >= end)
        ]  # fmt: skip


def _percent(share: float) -> str:
    return f"{share * 100:.2f}"
