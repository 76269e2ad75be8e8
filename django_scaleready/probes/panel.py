"""A group in two halves: what decides is waited for, what merely degrades is not.

Each half has a thread and a flight of its own. A cache that takes half a second to be given up, or
hangs, delays nobody who asks about the database, and the other way round.
"""

from __future__ import annotations

from collections.abc import Callable

from django_scaleready.probes.flights import Asking
from django_scaleready.probes.journal import Journal
from django_scaleready.probes.members import Group
from django_scaleready.probes.results import Outcome
from django_scaleready.probes.runner import Prober

WELL = Outcome()


class Panel:
    """Asks a group. ``level`` is that of a failure in the log; the others are as for a Prober."""

    def __init__(
        self,
        group: Group,
        ttl: float,
        deadline: float,
        *,
        level: int,
        judge: Callable[[Outcome], Outcome] = lambda outcome: outcome,
    ) -> None:
        def prober(*, critical: bool) -> Prober:
            return Prober(
                group.part(critical=critical),
                ttl,
                deadline,
                landed=Journal(group.name, level).note,
                judge=judge if critical else lambda outcome: outcome,
                patient=critical,
            )

        halves = (prober(critical=True), prober(critical=False))
        self._probers = [half for half in halves if half.group.members]
        self._joined = (WELL, WELL, WELL)

    def ask(self, until: float, *, holds_thread: bool) -> Asking[Outcome]:
        """Return an outcome by ``until``; see ``Prober.ask``."""
        # All begin before anybody is waited for.
        for prober in self._probers[1:]:
            prober.begin()
        outcomes = []
        for prober in self._probers:
            outcome = yield from prober.ask(until, holds_thread=holds_thread)
            outcomes.append(outcome)
        if len(outcomes) == 1:
            return outcomes[0]
        return self._join(*outcomes) if outcomes else WELL

    def _join(self, critical: Outcome, degraded: Outcome) -> Outcome:
        first, second, joined = self._joined
        if first is not critical or second is not degraded:
            joined = Outcome((*critical.results, *degraded.results), critical.at)
            self._joined = (critical, degraded, joined)
        return joined

    def rest(self) -> None:
        """Let the threads go; see ``Prober.rest``."""
        for prober in self._probers:
            prober.rest()
