"""The process that sends the load, from the drill's side."""

from __future__ import annotations

import json
import sys
from urllib.parse import urlsplit

from django_scaleready.drill.clock import Clock
from django_scaleready.drill.load.plan import Plan
from django_scaleready.drill.recording import Sample
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, until

_START_SECONDS = 20


class Load:
    """A plan, sent to ``url`` from ``start`` to ``stop``."""

    def __init__(
        self, supervisor: Supervisor, plan: Plan, url: str, clock: Clock, name: str = "load"
    ) -> None:
        parts = urlsplit(url)
        file = supervisor.folder(name) / "plan.json"
        file.write_text(plan.to_json())
        self._plan = plan
        self._process = supervisor.process(
            name,
            [sys.executable, "-m", "django_scaleready.drill.load.run", file,
             parts.hostname or "", str(parts.port), repr(clock.began)],
        )  # fmt: skip
        self._read, self._samples = 0, list[Sample]()

    def start(self) -> None:
        """Start it; returns when the first answers or failures are there."""
        self._process.start()
        self._process.wait_until(self.samples, _START_SECONDS, "the first requests")

    @property
    def running(self) -> bool:
        """Whether it still sends: it ends by itself after the plan's number of requests."""
        return self._process.running

    def samples(self) -> list[Sample]:
        """All requests that ended so far."""
        with self._process.log.open("rb") as log:
            log.seek(self._read)
            *lines, _rest = log.read().split(b"\n")
        self._read += sum(len(line) + 1 for line in lines)
        try:
            self._samples += [Sample(*json.loads(line)) for line in lines]
        except ValueError:
            # No sample, so a traceback; let all its threads write theirs to the end.
            self._process.stop(self._plan.timeout + 5)
            raise DrillError(f"The load stopped:\n{self._process.tail()}") from None
        return self._samples

    def wait(self) -> list[Sample]:
        """Return all samples when the plan's number of requests has been sent."""
        bound = self._plan.requests / self._plan.rate + 2 * self._plan.timeout
        until(lambda: not self._process.running, bound * 2, f"{self._plan.requests} requests")
        self._process.stop()
        return self.samples()

    def stop(self) -> list[Sample]:
        """Let what is in flight end; return all samples."""
        self._process.stop(self._plan.timeout + 5)
        return self.samples()
