"""What each probe asks, given the state of the replica. Knows nothing of HTTP."""

from __future__ import annotations

import logging
import os
import time

from django.conf import settings

from django_scaleready import lifecycle
from django_scaleready.conf import conf
from django_scaleready.lifecycle import State
from django_scaleready.probe_paths import Probe
from django_scaleready.probes import groups
from django_scaleready.probes.everybody import Everybody
from django_scaleready.probes.flights import Asking
from django_scaleready.probes.members import Group
from django_scaleready.probes.panel import WELL, Panel
from django_scaleready.probes.results import Outcome, Result, Status


class _Panels:
    """The panels of one process, made from the settings as they are now."""

    def __init__(self) -> None:
        self.deadline = conf.ladder.probe_timeout
        self._ttl = conf.probe_ttl
        self.readiness = self._readiness(groups.group(Probe.READINESS))
        # Whoever deploys has to find it: the release goes no further.
        self.startup = self._plain(groups.group(Probe.STARTUP), logging.ERROR)
        self.health = self._plain(groups.group(Probe.HEALTH), logging.WARNING)

    def _plain(self, group: Group, level: int) -> Panel:
        return Panel(group, self._ttl, self.deadline, level=level)

    def _readiness(self, group: Group) -> Panel:
        everybody = Everybody(group.members, conf.shared_failure_after)
        if not everybody.concerned:
            return self._plain(group, logging.WARNING)
        return Panel(
            group.joined_by(everybody.member),
            self._ttl,
            self.deadline,
            level=logging.WARNING,
            judge=everybody.judge,
        )


# At most one. ``setdefault`` is atomic: of two threads that make it at once, both get the same.
_made: dict[None, _Panels] = {}


def _panels() -> _Panels:
    return _made.get(None) or _made.setdefault(None, _Panels())


def forget() -> None:
    """Begin anew: the settings have changed, or the threads have stayed behind in a parent."""
    _made.clear()


os.register_at_fork(after_in_child=forget)


def ask(probe: Probe, *, holds_thread: bool) -> Asking[Outcome]:
    """Return what a probe finds, within the deadline; see ``Prober.ask``."""
    state = lifecycle.state()
    if probe is Probe.LIVENESS:
        return WELL if state is not State.BROKEN else _state_as(state, Status.FAIL)
    panels = _panels()
    until = time.monotonic() + panels.deadline
    if probe is Probe.HEALTH:
        outcome = yield from panels.health.ask(until, holds_thread=holds_thread)
        return _with_state(outcome, state)
    if state is State.STARTING:
        gate = yield from panels.startup.ask(until, holds_thread=holds_thread)
        if gate.status is Status.FAIL and not settings.DEBUG:
            return gate
        # Once for the replica: a worker that is recycled during an outage does not ask again.
        lifecycle.started()
        panels.startup.rest()
        state = lifecycle.state()
    if probe is Probe.STARTUP:
        return WELL
    if state is not State.SERVING:
        return _state_as(state, Status.FAIL)
    return (yield from panels.readiness.ask(until, holds_thread=holds_thread))


def _state_as(state: State, status: Status) -> Outcome:
    why = f"{state}: {lifecycle.reason()}"
    return Outcome((Result("lifecycle", status, 0.0, why, why),))


def _with_state(outcome: Outcome, state: State) -> Outcome:
    if state is State.SERVING:
        return outcome
    status = Status.FAIL if state is State.BROKEN else Status.WARN
    return Outcome((*_state_as(state, status).results, *outcome.results), outcome.at)
