"""The form of a fault."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from django_scaleready.drill.promises import Observation, Promise
from django_scaleready.drill.waiting import DrillError


class NotHereError(DrillError):
    """This fault cannot be tried here; the text says why."""


class Fault(ABC):
    """Something that goes wrong, from ``inject`` to ``end``.

    ``prepare`` and ``restore`` set the stage before and after it, where that takes requests no
    less; they are no part of what is judged. ``hold`` says how many seconds the fault is to last
    after ``inject`` has returned. Each step may block; requests go on in another process.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    promise: ClassVar[Promise]
    hold: float = 0.0

    def prepare(self) -> None:
        """Set the stage."""
        return

    @abstractmethod
    def inject(self) -> None:
        """Let it go wrong."""

    def end(self) -> None:
        """Put it right again, as somebody on duty would; returns when that is done."""
        return

    def restore(self) -> None:
        """Leave things as they were found."""
        return

    def observations(self) -> Sequence[Observation]:
        """What was seen beside the requests; asked once, after ``end``."""
        return ()
