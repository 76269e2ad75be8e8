"""A whole drill, judged: what each of the reports shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django_scaleready.drill.judge import Verdict
from django_scaleready.drill.promises import Skipped
from django_scaleready.drill.recording import Recording

HELD, BROKEN, COULD_NOT_RUN, INTERRUPTED = 0, 1, 2, 130


@dataclass(frozen=True)
class Report:
    """``setup`` says what was run, in words; ``began`` when, as ISO 8601 in UTC.

    ``limitations`` are sentences about what could not be kept apart or tried as it should be.
    """

    project: str
    began: str
    setup: Mapping[str, str]
    recording: Recording
    verdicts: Sequence[Verdict]
    skipped: Sequence[Skipped] = ()
    limitations: Sequence[str] = ()
    interrupted: bool = False

    @property
    def broken(self) -> list[Verdict]:
        """The promises that did not hold."""
        return [verdict for verdict in self.verdicts if not verdict.held]

    @property
    def held(self) -> bool:
        """Whether something was judged to the end and all of it held."""
        return bool(self.verdicts) and not self.broken and not self.interrupted

    @property
    def exit_code(self) -> int:
        """0 all held, 1 not, 2 nothing was judged, 130 interrupted."""
        if self.interrupted:
            return INTERRUPTED
        if not self.verdicts:
            return COULD_NOT_RUN
        return BROKEN if self.broken else HELD

    @property
    def headline(self) -> str:
        """The verdict in a few words."""
        number, broken = len(self.verdicts), len(self.broken)
        if not number:
            return "Nothing was judged"
        promises = f"{number} promise" if number == 1 else f"{number} promises"
        words = f"{broken} of {promises} did not hold" if broken else f"{_all(number)} held"
        return f"Interrupted: {words} so far" if self.interrupted else words

    @property
    def duration(self) -> float:
        """Seconds from the recording's beginning to its last event."""
        ends = [sample.ended for sample in self.recording.samples]
        ends += [trial.ended for trial in (verdict.trial for verdict in self.verdicts)]
        return max(ends, default=0.0)


def _all(number: int) -> str:
    return "The promise" if number == 1 else f"All {number} promises"
