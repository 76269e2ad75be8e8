"""What was sent, what came back, and what happened meanwhile: data and its arithmetic.

All times are seconds since the recording began, durations are seconds.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

OK = "ok"

# A replica's states, as the balancer and whoever restarts it see them.
STARTING, READY, DRAINING, DOWN = "starting", "ready", "draining", "down"


class Sample(NamedTuple):
    """One request; a tuple, since a run holds a hundred thousand of them.

    ``at`` is when it was sent and ``seconds`` how long it took. ``kind`` is the sort of request
    ("get", "post", "session", "slow" ...), ``replica`` who answered, "" if nobody said. ``outcome``
    is "ok" or the failure's name: "refused", "reset", "timeout", a status such as "502", "wrong"
    for an answer that came and was not the right one. ``id`` is a POST's, "" for the others.
    """

    at: float
    kind: str
    path: str
    replica: str
    outcome: str
    seconds: float
    id: str = ""

    @property
    def failed(self) -> bool:
        """Whether the client did not get what it asked for."""
        return self.outcome != OK

    @property
    def ended(self) -> float:
        """When the answer was there, or the failure certain."""
        return self.at + self.seconds


class StateChange(NamedTuple):
    """From ``at`` on, ``replica`` is in ``state``: "starting", "ready", "draining" or "down"."""

    at: float
    replica: str
    state: str


class FaultSpan(NamedTuple):
    """Something was broken from ``began`` to ``ended``."""

    name: str
    began: float
    ended: float


class Percentiles(NamedTuple):
    """Of the answered requests of a window, in seconds; NaN if there were none."""

    number: int
    p50: float
    p99: float
    slowest: float


class Around(NamedTuple):
    """Latencies before, during and after a span."""

    before: Percentiles
    during: Percentiles
    after: Percentiles


class Second(NamedTuple):
    """One second of the time line: what ended in it."""

    at: int
    answered: int
    failed: int


@dataclass(frozen=True)
class Recording:
    """A run. ``executed`` counts the ids of POSTs that reached a view, on the server's side."""

    samples: Sequence[Sample]
    states: Sequence[StateChange] = ()
    faults: Sequence[FaultSpan] = ()
    executed: Mapping[str, int] = field(default_factory=dict)

    def within(self, began: float = -math.inf, ended: float = math.inf) -> Recording:
        """The requests that were in flight at some moment of a window; all else unchanged.

        In flight, and not begun: a request that a fault cut off was sent before it.
        """
        samples = [s for s in self.samples if s.at < ended and s.ended >= began]
        return Recording(samples, self.states, self.faults, self.executed)

    @property
    def answered(self) -> int:
        """How many requests got the right answer."""
        return sum(not sample.failed for sample in self.samples)

    def failed(self) -> Counter[str]:
        """How many requests failed, by the failure's name."""
        return Counter(sample.outcome for sample in self.samples if sample.failed)

    def failed_by_kind(self) -> dict[str, Counter[str]]:
        """The same for each kind of request; every kind that was sent is there."""
        kinds: dict[str, Counter[str]] = {sample.kind: Counter() for sample in self.samples}
        for sample in self.samples:
            if sample.failed:
                kinds[sample.kind][sample.outcome] += 1
        return kinds

    def percentiles(self, *kinds: str) -> Percentiles:
        """Latencies of what was answered, by default of every kind."""
        return percentiles(
            [s.seconds for s in self.samples if not s.failed and (not kinds or s.kind in kinds)]
        )

    def around(self, span: FaultSpan, *kinds: str) -> Around:
        """Latencies of what had ended before a span, was in flight in it, was sent after it."""
        before = [s for s in self.samples if s.ended < span.began]
        after = [s for s in self.samples if s.at >= span.ended]
        return Around(
            Recording(before).percentiles(*kinds),
            self.within(span.began, span.ended).percentiles(*kinds),
            Recording(after).percentiles(*kinds),
        )

    def recovery(self, span: FaultSpan) -> float:
        """Seconds from the end of a span until the last failure after it had come; 0 if none."""
        late = [s.ended for s in self.samples if s.failed and s.ended > span.ended]
        return max(late, default=span.ended) - span.ended

    def rates(self) -> list[Second]:
        """Requests that ended in each second, from the first to the last without a gap."""
        if not self.samples:
            return []
        ended = [(math.floor(sample.ended), sample.failed) for sample in self.samples]
        counts = Counter(ended)
        first, last = min(ended)[0], max(ended)[0]
        return [Second(s, counts[s, False], counts[s, True]) for s in range(first, last + 1)]

    def duplicates(self) -> dict[str, int]:
        """The ids that a view was called with more than once, and how often."""
        return {id_: times for id_, times in self.executed.items() if times > 1}

    def lost(self) -> list[str]:
        """The ids that the client was told had succeeded and that no view was called with."""
        return [s.id for s in self.samples if s.id and not s.failed and s.id not in self.executed]

    def executed_unseen(self) -> list[str]:
        """The ids that a view was called with and that the client believes failed.

        A client that tries again executes these twice.
        """
        return [s.id for s in self.samples if s.id and s.failed and s.id in self.executed]


def percentiles(seconds: Sequence[float]) -> Percentiles:
    """Nearest rank: each is a latency that somebody really had, also where there are few."""
    if not seconds:
        return Percentiles(0, math.nan, math.nan, math.nan)
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Percentiles(len(ordered), at(0.50), at(0.99), ordered[-1])
