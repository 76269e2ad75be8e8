"""A release that must not go live."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from django_scaleready.drill.faults.base import Fault
from django_scaleready.drill.processes import EndedError
from django_scaleready.drill.promises import Observation, Promise
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.waiting import NotInTimeError

_LINES = 400
# Until it has loaded the project and asked the check, on a machine that has other things to do.
_START_SECONDS = 30


class BadDeployment(Fault):
    """The first replica of a release whose settings are not fit for more than one replica.

    ``reason`` is a pattern; a line of the replica's log that has it names what is wrong. The
    replica is none of those that serve: a deployment waits for the first new one to be ready
    before it ends an old one.
    """

    name = "bad-deployment"
    title = "A bad deployment"
    promise = Promise(
        "The first new replica never becomes ready, its log says why, the old ones serve on.",
        "What the check calls an error would be one for users, too. A deployment that waits for"
        " readiness then stops by itself, before it has replaced anything.",
    )

    def __init__(self, replica: Replica, reason: str, *, patience: float) -> None:
        self._replica = replica
        self._reason = re.compile(reason)
        self._patience = patience
        self._ready = False
        self._said = ""

    def inject(self) -> None:
        """Start it, and watch it for ``patience`` seconds after it has said what is wrong."""
        self._replica.start()
        try:
            self._watch(_START_SECONDS, lambda: self._is_ready() or self._says_why())
            if not self._ready:
                self._watch(self._patience, self._is_ready)
        except (NotInTimeError, EndedError):
            # To end by itself with the reason in its log is as good.
            return

    def end(self) -> None:
        """Take the release back."""
        self._says_why()
        self._replica.process.stop()

    def _watch(self, seconds: float, condition: Callable[[], bool]) -> None:
        self._replica.process.wait_until(condition, seconds, "its readiness")

    def _is_ready(self) -> bool:
        self._ready = self._replica.ready()
        return self._ready

    def _says_why(self) -> bool:
        lines = self._replica.process.tail(_LINES).splitlines()
        self._said = next((line for line in lines if self._reason.search(line)), "")
        return bool(self._said)

    def observations(self) -> Sequence[Observation]:
        """Whether it stayed out, and whether somebody can find out why."""
        ready = "became ready" if self._ready else "did not become ready"
        said = "named in its log" if self._said else "not in its log"
        return [
            Observation("gate", "the bad replica", ready, not self._ready),
            Observation("reason", "the reason", said, bool(self._said)),
        ]
