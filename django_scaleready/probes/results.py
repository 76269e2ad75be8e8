"""What a probe found out. Pure data: knows neither Django nor HTTP."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass


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
    ``reason`` is for the log alone and may name hosts.
    """

    component: str
    status: Status
    seconds: float
    detail: str = ""
    reason: str = ""


def overall(results: Iterable[Result]) -> Status:
    """The worst status of all; ``pass`` for a probe that asks nothing."""
    statuses = {result.status for result in results}
    for status in (Status.FAIL, Status.WARN):
        if status in statuses:
            return status
    return Status.PASS
