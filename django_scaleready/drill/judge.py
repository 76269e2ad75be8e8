"""Whether a promise held: pure arithmetic over a recording."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django_scaleready.drill.advice import Advice, advise
from django_scaleready.drill.promises import Excused, Observation, Trial
from django_scaleready.drill.recording import Around, Recording, Sample

WRONG = "wrong"
# No more than these are named in a sentence.
_NAMED = 3


@dataclass(frozen=True)
class Verdict:
    """A trial, judged. ``broken`` are sentences, one for each way in which it did not hold."""

    trial: Trial
    requests: int
    failed: Counter[str]
    unexcused: Sequence[Sample]
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
    def excused(self) -> int:
        """How many requests failed as the promise allows it."""
        return self.failed.total() - len(self.unexcused)

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
            failed = self.failed.total()
            parts.append(f"{self.requests:,} requests, {failed} failed")
            if failed:
                parts[-1] += " as allowed"
        if self.latency.during.number:
            parts.append(f"p99 {milliseconds(self.latency.during.p99)}")
        parts += [f"{seen.what}: {seen.seen}" for seen in self.trial.observations]
        return "; ".join(parts)


def judge(recording: Recording, trial: Trial) -> Verdict:
    """Compare the requests of a trial, and what else was seen in it, with its promise."""
    own = _own(recording, trial)
    unexcused = [s for s in own.samples if s.failed and not _is_excused(s, trial)]
    problems = _problems(own, unexcused, trial)
    return Verdict(
        trial=trial,
        requests=len(own.samples),
        failed=own.failed(),
        unexcused=unexcused,
        duplicated=len(own.duplicates()),
        lost=len(own.lost()),
        latency=own.around(trial.span),
        recovery=own.recovery(trial.span),
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
        return sample.at <= span.began + promise.grace
    if promise.excused is Excused.MEANWHILE:
        return sample.at <= span.ended + promise.grace
    return False


def _problems(own: Recording, unexcused: Sequence[Sample], trial: Trial) -> list[tuple[str, str]]:
    """(topic of the advice, sentence) for each way in which the promise did not hold."""
    problems: list[tuple[str, str]] = []
    if not own.samples and not trial.observations:
        problems.append(("nothing", "no request was sent, so nothing was shown"))
    if outcomes := Counter(sample.outcome for sample in unexcused):
        sentence = f"{len(unexcused):,} of {len(own.samples):,} requests failed"
        problems.append((_topic(outcomes), f"{sentence} ({_named(outcomes)})"))
    if twice := own.duplicates():
        problems.append(("twice", f"{_count(len(twice), 'POST')} executed twice"))
    if lost := own.lost():
        problems.append(("vanished", f"{_count(len(lost), 'POST')} answered but never executed"))
    problems += _late(own, trial)
    problems += [(seen.topic, f"{seen.what}: {seen.seen}") for seen in trial.observations
                 if not seen.held]  # fmt: skip
    return problems


def _late(own: Recording, trial: Trial) -> list[tuple[str, str]]:
    promise, problems = trial.promise, []
    recovery = own.recovery(trial.span)
    # Of a promise that excuses nothing the failures themselves are reported.
    if promise.excused is not Excused.NONE and recovery > promise.recovery:
        seconds = f"requests failed until {recovery:.1f} s after its end"
        problems.append(("recovery", f"{seconds}, {promise.recovery:g} s are allowed"))
    p99 = own.around(trial.span).during.p99
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
