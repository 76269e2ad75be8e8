"""What fails here because of a dependency that all replicas share: does it fail for all of them?

A replica that cannot reach its database leaves the balancer. If all of them do, nobody serves the
pages that need no database, the error page included, and the balancer answers for them. So once
everybody has failed for ``after`` seconds, each goes on serving, as degraded.

Everybody is asked through the default cache. Who passes leaves a key there that lives for
``after`` seconds. Whoever fails and finds it is the odd one out, and stays away; who finds none
knows that nobody has passed for that long. Where the cache cannot be asked either the replica goes
on serving, too: if it alone is cut off, its balancer is most likely on the other side.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace

from django.core.cache import cache

from django_scaleready.probes.members import Impact, Member
from django_scaleready.probes.results import Outcome, Result, Status

KEY = "django_scaleready:readiness:passed"
COMPONENT = "peers"


class Everybody:
    """Judges the outcomes of one process's readiness; ``members`` are those of its group.

    The exchange and the judging are in threads of their own: each writes what the other only reads.
    """

    def __init__(
        self,
        members: Iterable[Member],
        after: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.after = after
        self._clock = clock
        self._shared = frozenset(m.component for m in members if m.shared and m.critical)
        self._failing_since = math.inf
        self._passed = False
        self._announced = -math.inf
        self._peer_passed = -math.inf

    @property
    def concerned(self) -> bool:
        """Whether there is anything that could fail for everybody, and a time to wait for it."""
        return bool(self._shared) and math.isfinite(self.after)

    @property
    def member(self) -> Member:
        """The exchange with the others, to be run among the checks: it, too, may hang."""
        return Member(COMPONENT, self._exchange, Impact.DEGRADED)

    def judge(self, outcome: Outcome) -> Outcome:
        """Return the outcome as it counts: a failure that everybody has is degraded.

        Called for each outcome in turn.
        """
        failing = {r.component for r in outcome.results if r.status is Status.FAIL}
        self._passed = not failing
        if not failing or not failing <= self._shared:
            self._failing_since = math.inf
            return outcome
        self._failing_since = min(self._failing_since, outcome.at)
        alone = outcome.at - self._peer_passed < self.after
        if alone or outcome.at - self._failing_since < self.after:
            return outcome
        return Outcome(tuple(self._lowered(result) for result in outcome.results), outcome.at)

    def _lowered(self, result: Result) -> Result:
        if result.status is not Status.FAIL:
            return result
        reason = f"{result.reason} (no replica has passed for {self.after:g} s: serving on)"
        return replace(result, status=Status.WARN, reason=reason)

    def _exchange(self) -> None:
        """Say that this replica passed a moment ago, or ask who did."""
        now = self._clock()
        # The boundary: whatever a backend raises. That the cache is away is another check's to say;
        # here it means no news, and what was heard last grows old.
        with contextlib.suppress(Exception):
            if not self._passed:
                self._peer_passed = -math.inf if cache.get(KEY) is None else now
            # Often enough that the others never miss it, and no more.
            elif now - self._announced >= self.after / 3:
                cache.set(KEY, 1, math.ceil(self.after))
                self._announced = now
