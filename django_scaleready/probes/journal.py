"""A probe's changes in the log: one line when something fails, one when all is well again."""

from __future__ import annotations

import logging
import threading

from django_scaleready.probes.results import Outcome, Result, Status

logger = logging.getLogger("django_scaleready.probes")

_Condition = frozenset[tuple[str, Status, bool]]


class Journal:
    """Writes down what changed since the last outcome, in this process.

    A balancer asks every second, and the thousandth line about one outage hides the first line
    about the next. ``level`` is that of a verdict; a check that has merely not answered is a
    warning.
    """

    def __init__(self, name: str, level: int = logging.WARNING) -> None:
        self.name = name
        self.level = level
        self._lock = threading.Lock()
        self._condition: _Condition = frozenset()
        self._since = 0.0

    def note(self, outcome: Outcome) -> None:
        """Log the outcome if other checks fail, or fail otherwise, than in the last one."""
        faults = [result for result in outcome.results if result.status is not Status.PASS]
        condition = frozenset((r.component, r.status, r.finished) for r in faults)
        with self._lock:
            before, self._condition = self._condition, condition
            if not before:
                self._since = outcome.at
        if faults and condition != before:
            self._write_faults(outcome.status, faults)
        elif before and not faults:
            well = ", ".join(sorted({component for component, *_ in before}))
            lasted = outcome.at - self._since
            logger.info("%s: %s pass again, after %.1f s", self.name, well, lasted)

    def _write_faults(self, status: Status, faults: list[Result]) -> None:
        verdict = any(r.finished and r.status is Status.FAIL for r in faults)
        logger.log(
            self.level if verdict else logging.WARNING,
            "%s %s: %s",
            self.name,
            status,
            "; ".join(f"{r.component}: {r.reason}" for r in faults),
        )
