"""Whether a promise held: pure arithmetic over a recording."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from django_scaleready.drill.advice import Advice, advise
from django_scaleready.drill.balancers.base import LADDER
from django_scaleready.drill.promises import Excused, Observation, Trial
from django_scaleready.drill.recording import Around, Recording, Sample
from django_scaleready.manifests import RISE

WRONG = "wrong"
# Requests that take long on purpose: they say nothing about what others wait for.
SLOW = "slow"
Sort = tuple[str, str, str]
# No more than these are named in a sentence.
_NAMED = 3
# Seconds until a balancer that had no replica left has one again.
_HEARS = LADDER.probe_interval * RISE + LADDER.probe_timeout


@dataclass(frozen=True)
class Verdict:
    """A trial, judged. ``broken`` are sentences, one for each way in which it did not hold.

    ``excused`` are the requests that failed as the promise allows it, ``known`` those of a sort
    that fails without any fault too, which is told once.
    """

    trial: Trial
    requests: int
    failed: Counter[str]
    excused: Sequence[Sample]
    known: int
    duplicated: int
    lost: int
    latency: Around
    recovery: float
    broken: Sequence[str]
    advice: Sequence[Advice]

    @property
    def held(self) -> bool:
        """Whether the promise held."""
        return not self.broken

    @property
    def not_hopped(self) -> list[Observation]:
        """What was seen beside the requests and was not as promised."""
        return [seen for seen in self.trial.observations if not seen.held]

    @property
    def measured(self) -> str:
        """One line: what was broken, else the figures that show that nothing was."""
        if self.broken:
            return "; ".join(self.broken)
        parts = []
        if self.requests:
            parts.append(f"{self.requests:,} requests, {len(self.excused)} failed")
            if self.excused:
                parts[-1] += " as allowed"
            if self.known:
                parts.append(f"{self.known} more fail without a fault, too")
        if self.latency.during.number:
            parts.append(f"p99 {milliseconds(self.latency.during.p99)}")
        return "; ".join([*parts, *_grouped(self.trial.observations)])


def _grouped(observations: Sequence[Observation]) -> Iterator[str]:
    """Those of which the same was seen in one clause."""
    for seen in dict.fromkeys(one.seen for one in observations):
        yield f"{', '.join(one.what for one in observations if one.seen == seen)}: {seen}"


def sort(sample: Sample) -> Sort:
    """What is alike in two failures: the kind of request, its path, the outcome."""
    return sample.kind, sample.path, sample.outcome


def failing(recording: Recording, trial: Trial) -> frozenset[Sort]:
    """The sorts of failure in a trial; of one in which nothing was broken they are ``known``."""
    return frozenset(sort(s) for s in _own(recording, trial).samples if s.failed)


def judge(recording: Recording, trial: Trial, known: Set[Sort] = frozenset()) -> Verdict:
    """Compare the requests of a trial, and what else was seen in it, with its promise."""
    own = _own(recording, trial)
    failed = [s for s in own.samples if s.failed and sort(s) not in known]
    excused = [s for s in failed if _is_excused(s, trial)]
    recovery = Recording(failed).recovery(trial.span)
    problems = _problems(own, set(failed) - set(excused), recovery, trial)
    counted = own.failed()
    return Verdict(
        trial=trial,
        requests=len(own.samples),
        failed=counted,
        excused=excused,
        known=counted.total() - len(failed),
        duplicated=len(own.duplicates()),
        lost=len(own.lost()),
        latency=without_slow(own).around(trial.span),
        recovery=recovery,
        broken=[sentence for _, sentence in problems],
        advice=advise(trial.name, [topic for topic, _ in problems]),
    )


def _own(recording: Recording, trial: Trial) -> Recording:
    """The requests sent in the trial's window, so that each belongs to one trial alone."""
    samples = [s for s in recording.samples if trial.began <= s.at < trial.ended]
    ids = {sample.id for sample in samples if sample.id}
    executed = {id_: times for id_, times in recording.executed.items() if id_ in ids}
    return Recording(samples, recording.states, recording.faults, executed)


def _is_excused(sample: Sample, trial: Trial) -> bool:
    promise, span = trial.promise, trial.span
    if sample.outcome == WRONG or sample.ended < span.began:
        return False
    if promise.excused is Excused.IN_FLIGHT:
        return sample.at <= trial.struck + promise.grace
    if promise.excused is Excused.MEANWHILE:
        grace = promise.grace + (_HEARS if _nobody_was_left(sample) else 0)
        return sample.at <= span.ended + grace
    return False


def _nobody_was_left(sample: Sample) -> bool:
    return not sample.replica and sample.outcome == "503"


def _problems(
    own: Recording, unexcused: Set[Sample], recovery: float, trial: Trial
) -> list[tuple[str, str]]:
    """(topic of the advice, sentence) for each way in which the promise did not hold."""
    problems: list[tuple[str, str]] = []
    if not own.samples and not trial.observations:
        problems.append(("nothing", "no request was sent, so nothing was shown"))
    if outcomes := Counter(sample.outcome for sample in unexcused):
        sentence = f"{outcomes.total():,} of {len(own.samples):,} requests failed"
        problems.append((_topic(outcomes), f"{sentence} ({_named(outcomes)})"))
    if twice := own.duplicates():
        problems.append(("twice", f"{_count(len(twice), 'POST')} executed twice"))
    if lost := own.lost():
        problems.append(("vanished", f"{_count(len(lost), 'POST')} answered but never executed"))
    problems += _late(own, recovery, trial)
    problems += [(seen.topic, f"{seen.what}: {seen.seen}") for seen in trial.observations
                 if not seen.held]  # fmt: skip
    return problems


def without_slow(recording: Recording) -> Recording:
    """All but the requests that are slow on purpose."""
    return replace(recording, samples=[s for s in recording.samples if s.kind != SLOW])


def _late(own: Recording, recovery: float, trial: Trial) -> list[tuple[str, str]]:
    promise, problems = trial.promise, []
    meanwhile = own.within(trial.span.began, trial.span.ended)
    failed = meanwhile.failed()
    if failed.total() > promise.most * len(meanwhile.samples):
        share = f"{failed.total():,} of {len(meanwhile.samples):,} requests failed while it lasted"
        problems.append((_topic(failed), f"{share}, {promise.most:.0%} is allowed"))
    # Of a promise that excuses nothing the failures themselves are reported.
    if promise.excused is not Excused.NONE and recovery > promise.recovery:
        seconds = f"requests failed until {recovery:.1f} s after its end"
        problems.append(("recovery", f"{seconds}, {promise.recovery:g} s are allowed"))
    p99 = without_slow(own).around(trial.span).during.p99
    if promise.p99 is not None and p99 > promise.p99:
        allowed = milliseconds(promise.p99)
        problems.append(("slow", f"p99 {milliseconds(p99)} while it lasted, {allowed} is allowed"))
    return problems


def _topic(failed: Counter[str]) -> str:
    """What the commonest failure says about the cause."""
    outcome = failed.most_common(1)[0][0]
    if outcome in {WRONG, "timeout"}:
        return outcome
    if outcome.isdigit() and outcome not in {"502", "503", "504"}:
        return "error"
    return "cut"


def _named(failed: Counter[str]) -> str:
    names = [f"{number:,} {name}" for name, number in failed.most_common(_NAMED)]
    return ", ".join([*names, "..."] if len(failed) > _NAMED else names)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def milliseconds(seconds: float) -> str:
    """A latency for people: "4 ms", "1.3 s", "-" if there is none."""
    if math.isnan(seconds):
        return "-"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
