"""Has a group's checks run in one thread, whoever and however many ask.

* A flight is one run of all checks. There is one at a time, and its outcome answers everybody for
  ``ttl`` seconds.
* ``deadline`` seconds after it began a flight lands, whatever is still running. What runs is
  reported as such, with its age; what waits behind it, as waiting.
* A thread that hangs is left to itself. The next flights pass the stuck check over, in another
  thread if there are other checks to ask. After ``CUT_SECONDS`` its database sockets are shut down,
  which frees the thread to try again: a database that is back at another address is seen. What not
  even that frees is tried in a new thread, and at most ``MAX_STUCK`` of them hang in one check.
* One thread of the server at a time waits for a flight. The others are answered from the last
  outcome if that is hardly older. Nobody waits after an outcome with a stuck check in it: while a
  database hangs, probes cost the server's threads nothing.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from django_scaleready.probes.flights import Asking, Flight, Wait
from django_scaleready.probes.lanes import CONNECT_SECONDS, Lane
from django_scaleready.probes.members import CheckFailedError, CheckWarning, Group, Member
from django_scaleready.probes.reasons import reason
from django_scaleready.probes.results import Outcome, Result, Status

# Seconds. Far longer than any healthy answer; until then several probes have failed.
CUT_SECONDS = 10.0
# Later than a check gives up that, once cut, tries a new connection by itself.
RETRY_SECONDS = CUT_SECONDS + 2 * CONNECT_SECONDS
MAX_STUCK = 3
# Seconds between two moments that are meant to be one: who began the flight sees it land.
GRAIN_SECONDS = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Stuck:
    """A check that was still running when its flight had to land, and its thread."""

    member: Member
    since: float
    lane: Lane


class Prober:
    """Asks one group; callable from any thread. Threads do not survive a fork, and nor must it.

    ``ttl`` and ``deadline`` in seconds. ``judge`` turns what was found into what it counts for, and
    must not block; ``landed`` gets every outcome, once, in some thread. One that is not ``patient``
    has nobody wait for any flight but the first.
    """

    def __init__(  # noqa: PLR0913 - keywords, half of them with a default
        self,
        group: Group,
        ttl: float,
        deadline: float,
        *,
        landed: Callable[[Outcome], None],
        judge: Callable[[Outcome], Outcome] = lambda outcome: outcome,
        patient: bool = True,
    ) -> None:
        self.group = group
        self.ttl = ttl
        self.deadline = deadline
        self._landed = landed
        self._judge = judge
        self._patient = patient
        self._lock = threading.Lock()
        self._last: Outcome | None = None
        self._flight: Flight | None = None
        self._lane: Lane | None = None
        self._stuck: list[Stuck] = []
        self._again = False
        self._waiting = 0

    def ask(self, until: float, *, holds_thread: bool) -> Asking[Outcome]:
        """Return an outcome by ``until`` (monotonic), be it that the checks are still running.

        ``holds_thread``: waiting costs the server a thread.
        """
        if (fresh := self._fresh(time.monotonic())) is not None:
            return fresh
        joined = self._join(holds_thread=holds_thread)
        if isinstance(joined, Outcome):
            return joined
        if until > joined.overdue - GRAIN_SECONDS:
            until = joined.overdue
        try:
            yield Wait(joined, until)
        finally:
            with self._lock:
                self._waiting -= 1
        return self._arrive(joined, until)

    def begin(self) -> None:
        """Have what is known renewed, if it is old, and wait for nothing."""
        with self._lock:
            now = time.monotonic()
            if self._fresh(now) is None and self._flight is None:
                self._start(now)

    def rest(self) -> None:
        """Let the thread go, and its connections: nobody will ask again soon."""
        with self._lock:
            if self._lane is not None and self._flight is None:
                self._lane.give(lambda: False)
                self._lane = None

    def _fresh(self, now: float) -> Outcome | None:
        last = self._last
        return last if last is not None and now - last.at < self.ttl else None

    def _join(self, *, holds_thread: bool) -> Flight | Outcome:
        """Return a flight to wait for, or what is known if waiting is of no use."""
        with self._lock:
            now = time.monotonic()
            if (fresh := self._fresh(now)) is not None:
                return fresh
            last, flight = self._last, self._flight or self._start(now)
            if flight.outcome is not None:
                outcome = flight.outcome
            elif now >= flight.overdue:
                outcome = self._land(flight, now)
            elif last is not None and self._suffices(last, now, holds_thread=holds_thread):
                return last
            else:
                self._waiting += 1
                return flight
        self._landed(outcome)
        return outcome

    def _suffices(self, last: Outcome, now: float, *, holds_thread: bool) -> bool:
        if not last.finished or not self._patient:
            return True
        young = now - last.at <= self.ttl + self.deadline
        return holds_thread and self._waiting > 0 and young

    def _arrive(self, flight: Flight, until: float) -> Outcome:
        with self._lock:
            if flight.outcome is not None:
                return flight.outcome
            now = time.monotonic()
            if until < flight.overdue:  # whoever asked had less time than the flight
                return Outcome(self._results(flight, now), now)
            outcome = self._land(flight, now)
        self._landed(outcome)
        return outcome

    # -- The flight. The lock is held in all of these but _fly. --

    def _start(self, now: float) -> Flight:
        """Begin a flight. It lands at once if all there is to ask hangs since an earlier one."""
        flight = self._flight = Flight(now, now + self.deadline)
        for member in self.group.members:
            if (held_up := self._held_up(member, now)) is not None:
                flight.results[member.component] = held_up
        if self.group.members and len(flight.results) == len(self.group.members):
            self._land(flight, now)
            return flight
        if self._lane is None:
            self._lane = Lane(f"scaleready-{self.group.name}", self._retire)
            # No thread to be had: nothing is asked, the flight lands as such, the next one tries.
            with suppress(RuntimeError):
                self._lane.start()
        flight.lane = self._lane
        self._lane.give(partial(self._fly, flight, self._lane))
        return flight

    def _land(self, flight: Flight, now: float) -> Outcome:
        outcome = self._last = self._judge(Outcome(self._results(flight, now), now))
        if flight.current is not None and flight.lane is not None:
            self._stuck.append(Stuck(*flight.current, flight.lane))
        if len(flight.results) < len(self.group.members):
            self._lane = None
        self._flight = None
        flight.land(outcome)
        if self._again:
            self._again = False
            self._start(now)
        return outcome

    def _results(self, flight: Flight, now: float) -> tuple[Result, ...]:
        def result(member: Member) -> Result:
            if (known := flight.results.get(member.component)) is not None:
                return known
            if flight.current is not None and flight.current[0] is member:
                return running(member, now - flight.current[1])
            return _unfinished(member, now - flight.began, "waiting")

        return tuple(result(member) for member in self.group.members)

    def _held_up(self, member: Member, now: float) -> Result | None:
        """A result for a check that hangs since an earlier flight; None if it may be run."""
        self._stuck = [stuck for stuck in self._stuck if stuck.lane.is_alive()]
        held = [stuck for stuck in self._stuck if stuck.member is member]
        if not held:
            return None
        age = now - held[-1].since
        if age >= CUT_SECONDS:
            for stuck in held:
                stuck.lane.cut()
        if age >= RETRY_SECONDS and len(held) < MAX_STUCK:
            return None
        return running(member, now - held[0].since)

    def _come_loose(self, lane: Lane) -> bool:
        """A stuck check returned, to nobody. Ask anew; True if its thread is the lane again."""
        self._stuck = [stuck for stuck in self._stuck if stuck.lane is not lane]
        if self._lane is None:
            self._lane = lane
        if self._flight is None:
            self._start(time.monotonic())
        else:
            self._again = True
        return self._lane is lane

    def _retire(self, lane: Lane) -> bool:
        with self._lock:
            if self._lane is not lane:
                return True
            if self._flight is None:
                self._lane = None
            return self._lane is None

    def _fly(self, flight: Flight, lane: Lane) -> bool:
        """Run the checks in the lane's thread; False if it is the lane no longer."""
        members = [m for m in self.group.members if m.component not in flight.results]
        for member in members:
            with self._lock:
                if flight.outcome is not None:
                    return False
                flight.current = member, time.monotonic()
            result = examine(member, self.deadline)
            with self._lock:
                if flight.outcome is not None:
                    return self._come_loose(lane)
                flight.current = None
                flight.results[member.component] = result
        with self._lock:
            if flight.outcome is not None:
                return False
            outcome = self._land(flight, time.monotonic())
        self._landed(outcome)
        return True


def running(member: Member, seconds: float) -> Result:
    """What is known of a check that has not answered yet."""
    return _unfinished(member, seconds, f"running for {seconds:.1f} s")


def _unfinished(member: Member, seconds: float, word: str) -> Result:
    return Result(member.component, _failure(member), seconds, word, word, finished=False)


def _failure(member: Member) -> Status:
    return Status.FAIL if member.critical else Status.WARN


def examine(member: Member, slow: float) -> Result:
    """Run one check in this thread; one that took ``slow`` seconds passes with a warning."""
    begun = time.perf_counter()
    status = _failure(member)
    try:
        member.check()
    except CheckFailedError as verdict:
        detail = why = str(verdict)
        if isinstance(verdict, CheckWarning):
            status = Status.WARN
    # The boundary: whatever a driver or a backend raises is the answer, and one let through would
    # end the thread, a program's call of sys.exit included.
    except (Exception, SystemExit) as error:  # noqa: BLE001
        detail, why = type(error).__name__, reason(error)
    else:
        seconds = time.perf_counter() - begun
        if seconds < slow:
            return Result(member.component, Status.PASS, seconds)
        detail = why = f"slow: {seconds:.2f} s"
        return Result(member.component, Status.WARN, seconds, detail, why)
    return Result(member.component, status, time.perf_counter() - begun, detail, why)
