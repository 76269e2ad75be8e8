"""What must hold around a fault, and what was tried: data that the judge compares."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass

from django_scaleready.drill.recording import FaultSpan


class Excused(enum.StrEnum):
    """Which requests may fail because of a fault. A wrong answer is never among them."""

    NONE = "none"
    # Those sent before the fault and not answered yet, and those of the first ``grace`` seconds.
    IN_FLIGHT = "in flight"
    # Those in flight at some moment of the fault, or sent up to ``grace`` seconds after its end.
    MEANWHILE = "meanwhile"


@dataclass(frozen=True)
class Promise:
    """``text`` is shown, ``why`` says why no more and no less can be asked.

    ``most``: the share of the requests in flight during the fault that is excused at most.
    ``recovery``: seconds from the fault's end within which the last failure must have come.
    ``p99``: seconds within which 99 of 100 answers must come while it lasts; None: any.
    """

    text: str
    why: str
    excused: Excused = Excused.NONE
    grace: float = 0.1
    most: float = 1.0
    recovery: float = 5.0
    p99: float | None = None


@dataclass(frozen=True)
class Observation:
    """Something beside the requests that a promise is about: a session that hopped, a log line.

    ``topic`` is the key of the advice if it did not hold.
    """

    topic: str
    what: str
    seen: str
    held: bool


@dataclass(frozen=True)
class Trial:
    """A fault that was tried. The requests sent from ``began`` to ``ended`` are its own.

    Both are seconds since the recording began, and lie around the span. ``struck`` is when the
    fault was certainly there: from its beginning on a signal may take a moment to be sent.
    """

    title: str
    promise: Promise
    began: float
    span: FaultSpan
    ended: float
    struck: float
    observations: Sequence[Observation] = ()

    @property
    def name(self) -> str:
        """The scenario's name."""
        return self.span.name


@dataclass(frozen=True)
class Skipped:
    """A fault that could not be tried here."""

    name: str
    title: str
    why: str
