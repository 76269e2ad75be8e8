"""What a probe found out. Pure data: knows neither Django nor HTTP."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass, field


class Status(enum.StrEnum):
    """The three words of draft-inadarei-api-health-check-06. Only ``fail`` is a 503."""

    PASS = "pass"  # noqa: S105 - the draft's word, not a password
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Result:
    """One check's outcome.

    ``component`` is what was asked (database, cache, migrations), ``seconds`` how long it took.
    ``detail`` may be shown to whoever holds the token: an error's class, never its message.
    ``reason`` is for the log alone and may name hosts. ``finished`` is False for a check that was
    still running, or waiting for one that was, when the answer had to be given.
    """

    component: str
    status: Status
    seconds: float
    detail: str = ""
    reason: str = ""
    finished: bool = True


def overall(results: Iterable[Result]) -> Status:
    """The worst status of all; ``pass`` for a probe that asks nothing."""
    statuses = {result.status for result in results}
    for status in (Status.FAIL, Status.WARN):
        if status in statuses:
            return status
    return Status.PASS


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run of a group's checks came to; ``at`` in seconds on the monotonic clock."""

    results: tuple[Result, ...] = ()
    at: float = 0.0
    status: Status = field(init=False)
    finished: bool = field(init=False)

    def __post_init__(self) -> None:
        """Sum the results up once: an outcome may answer thousands of probes."""
        object.__setattr__(self, "status", overall(self.results))
        object.__setattr__(self, "finished", all(result.finished for result in self.results))
