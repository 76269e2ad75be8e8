"""The ladder of time-outs and the sum of database connections. Arithmetic: no Django, no files.

A replica stops without losing a request only if a dozen figures, kept in as many places, stand in
the right order. A team declares what it knows; the others follow, each with its reason.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django_scaleready.figures import BY_NAME, FIGURES, Declaration, strongest

# Seconds until every kube-proxy and balancer has heard that a pod is to go: that runs beside
# SIGTERM, and nobody waits for it.
PROPAGATION: Final = 5
# A balancer that keeps to a shorter request_timeout would cut ordinary pages.
SHORTEST_REQUEST: Final = 5
# gunicorn's own `timeout`. A shorter one would end workers that are only busy.
WORKER_TIMEOUT: Final = 30
# What PostgreSQL keeps for superusers: superuser_reserved_connections.
RESERVED_CONNECTIONS: Final = 3


@dataclass(frozen=True, slots=True)
class Problem:
    """Two figures that do not go together: what happens, and what to change.

    ``certain`` is False if what one of them really is was assumed and not declared.
    """

    figures: tuple[str, str]
    what: str
    change: str
    certain: bool


@dataclass(frozen=True, slots=True)
class _Rung:
    """``shorter``, a figure or a sum, must be less than the second figure (``equal``: or as long).

    ``breaks`` and ``change`` are templates over the figures and sums. ``doubtful``: not true of
    every balancer or server, so it is never certain, and not said of a derived figure.
    """

    figures: tuple[str, str]
    breaks: str
    change: str
    shorter: str = ""
    equal: bool = False
    doubtful: bool = False

    def holds(self, ladder: Ladder) -> bool:
        """Whether the figures of a ladder stand in order."""
        shorter = getattr(ladder, self.shorter or self.figures[0])
        longer = getattr(ladder, self.figures[1])
        unsaid = self.doubtful and self.figures[0] not in ladder.declared
        return unsaid or shorter < longer or (self.equal and shorter == longer)

    def certain(self, ladder: Ladder) -> bool:
        """Whether none of the figures was assumed."""
        known = [n in ladder.declared or not BY_NAME[n].outside for n in self.figures]
        return all(known) and not self.doubtful


@dataclass(frozen=True, slots=True)
class Ladder:
    """The figures, in seconds (``probe_failures``: a count), and which of them were declared."""

    probe_interval: float
    probe_failures: int
    probe_timeout: float
    drain: float
    graceful_timeout: int
    margin: float
    grace_period: int
    request_timeout: int
    balancer_idle_timeout: float
    keepalive: int
    worker_timeout: int
    connect_timeout: int
    statement_timeout: float
    task_soft_limit: int
    task_hard_limit: int
    visibility_timeout: int
    worker_shutdown: float
    declared: frozenset[str] = field(default=frozenset(), compare=False)

    @classmethod
    def derive(cls, declared: Mapping[str, float]) -> Ladder:
        """Take the figures that are known, by field name, and derive the others from them.

        Raises ValueError for a name that is no figure, or a value that its figure does not take.
        """
        for name, value in declared.items():
            if name not in BY_NAME:
                raise ValueError(f"{name}: no such figure; accepts {', '.join(BY_NAME)}.")
            if not BY_NAME[name].takes(value):
                raise ValueError(f"{name}: got {value!r}, accepts {BY_NAME[name].accepts}.")
        known: dict[str, Any] = dict(declared)
        _derive_stop(known)
        _derive_waits(known)
        _derive_tasks(known)
        return cls(**known, declared=frozenset(declared))

    @classmethod
    def of(cls, declarations: Iterable[Declaration]) -> Ladder:
        """Take what is declared in several places, the strongest first."""
        return cls.derive({name: one.value for name, one in strongest(declarations).items()})

    @property
    def detection(self) -> float:
        """Seconds until the balancer knows that a replica is not ready, at worst."""
        # Rounded: 0.1 x 3 is not 0.3.
        return round(self.probe_interval * self.probe_failures + self.probe_timeout, 6)

    @property
    def stop(self) -> float:
        """Seconds from SIGTERM to the exit of a web replica, at worst."""
        return round(self.drain + self.graceful_timeout + self.margin, 6)

    @property
    def worker_stop(self) -> float:
        """Seconds from SIGTERM to the exit of a Celery worker, at worst."""
        return round(self.worker_shutdown + self.margin, 6)

    @property
    def figures(self) -> dict[str, float]:
        """The figures by name, in the order in which they are shown."""
        return {figure.name: getattr(self, figure.name) for figure in FIGURES}

    @property
    def reasons(self) -> dict[str, str]:
        """Why each figure is as large as it is, with what it must be larger or smaller than."""
        return {figure.name: figure.reason.format(**self._words) for figure in FIGURES}

    @property
    def _words(self) -> dict[str, float]:
        sums = {"detection": self.detection, "stop": self.stop, "worker_stop": self.worker_stop}
        return {**self.figures, **sums}

    def problems(self) -> list[Problem]:
        """Return each pair of figures that contradict each other."""
        words = self._words
        return [
            Problem(
                rung.figures,
                rung.breaks.format(**words),
                rung.change.format(**words),
                rung.certain(self),
            )
            for rung in _RUNGS
            if not rung.holds(self)
        ]


def _derive_stop(known: dict[str, Any]) -> None:
    """From SIGTERM to SIGKILL: grace_period is given, and the others share it."""
    interval = known.setdefault("probe_interval", 1.0)
    failures = known.setdefault("probe_failures", 2)
    # HAProxy gives a probe up when the next is due.
    deadline = known.setdefault("probe_timeout", min(0.8, 0.8 * interval))
    margin = known.setdefault("margin", 2.0)
    detected = round(interval * failures + deadline + margin, 6)
    drain = known.setdefault("drain", float(max(PROPAGATION, math.ceil(detected))))
    grace = known.setdefault("grace_period", 30)
    idle = known.setdefault("balancer_idle_timeout", 60.0)
    left = math.floor(grace - drain - margin)
    step = max(1, margin)
    room = math.floor(min(idle, known.get("graceful_timeout", left) - step))
    request = known.setdefault("request_timeout", max(SHORTEST_REQUEST, room))
    known.setdefault("graceful_timeout", max(left, math.ceil(request + step)))
    # The last third is for giving tasks back to a broker that may be slow.
    known.setdefault("worker_shutdown", float(math.floor(grace * 2 / 3)))


def _derive_waits(known: dict[str, Any]) -> None:
    """Who waits for a request: its connection, its worker; and the request, for the database."""
    known.setdefault("keepalive", math.ceil(known["balancer_idle_timeout"] * 1.25))
    request = known["request_timeout"]
    silent = math.ceil(request + max(1, known["margin"]))
    known.setdefault("worker_timeout", max(WORKER_TIMEOUT, silent))
    connect = known.setdefault("connect_timeout", min(5, request // 2))
    left = request - connect - known["margin"]
    known.setdefault("statement_timeout", float(max(left, request / 2)))


def _derive_tasks(known: dict[str, Any]) -> None:
    """A task: warned, killed, handed out again."""
    least = math.ceil(known.get("task_soft_limit", 0) * 10 / 9)
    hard = known.setdefault("task_hard_limit", max(300, least))
    known.setdefault("task_soft_limit", hard - min(30, max(1, hard // 10)))
    known.setdefault("visibility_timeout", max(3600, 2 * hard))


def connections(*, replicas: int, workers: int, threads: int = 1, task_processes: int = 0) -> int:
    """Return how many database connections all replicas may hold at once, for each alias.

    ``workers`` web processes of ``threads`` threads and ``task_processes`` children of a Celery
    worker in each replica; a thread keeps one connection. ``replicas`` with the surge of a deploy.
    """
    return replicas * (workers * threads + task_processes)


_RUNGS: Final = (
    _Rung(
        ("probe_timeout", "probe_interval"),
        "The balancer gives a probe up after {probe_interval:g} s, before its answer at"
        " {probe_timeout:g} s, and removes a replica that is only slow.",
        "Set PROBE_DEADLINE below {probe_interval:g}, or probe less often: PROBE_INTERVAL.",
    ),
    _Rung(
        ("probe_interval", "drain"),
        "The balancer takes up to {detection:g} s to notice that a replica is going, and it drains"
        " for {drain:g} s: requests are sent to a replica that is gone.",
        "Set DRAIN to {detection:g} or more, or probe more often: PROBE_INTERVAL, PROBE_FAILURES.",
        shorter="detection",
        equal=True,
    ),
    _Rung(
        ("request_timeout", "graceful_timeout"),
        "A request may take {request_timeout:g} s, and a replica that stops waits"
        " {graceful_timeout:g} s for it: it is cut.",
        "Set GRACEFUL_TIMEOUT above {request_timeout:g}, or REQUEST_TIMEOUT below"
        " {graceful_timeout:g}.",
    ),
    _Rung(
        ("graceful_timeout", "grace_period"),
        "A replica needs {stop:g} s to stop (drain {drain:g} + graceful_timeout"
        " {graceful_timeout:g} + margin {margin:g}), and SIGKILL comes after {grace_period:g} s.",
        "Give it {stop:g} s (terminationGracePeriodSeconds, stop_grace_period, TimeoutStopSec) and"
        " declare that as GRACE_PERIOD, or lower GRACEFUL_TIMEOUT, REQUEST_TIMEOUT or DRAIN.",
        shorter="stop",
        equal=True,
    ),
    _Rung(
        ("request_timeout", "balancer_idle_timeout"),
        "A balancer that counts a silent request as idle (an ALB does) gives it up after"
        " {balancer_idle_timeout:g} s; a request may take {request_timeout:g} s.",
        "Raise the balancer's idle time-out to {request_timeout:g} and declare it as"
        " BALANCER_IDLE_TIMEOUT, or lower REQUEST_TIMEOUT.",
        equal=True,
        doubtful=True,
    ),
    _Rung(
        ("balancer_idle_timeout", "keepalive"),
        "A replica closes an idle connection after {keepalive:g} s, and the balancer keeps it for"
        " {balancer_idle_timeout:g} s: requests are sent into a closed connection, a 502.",
        "Set KEEPALIVE above {balancer_idle_timeout:g}, or declare the balancer's real"
        " BALANCER_IDLE_TIMEOUT.",
    ),
    _Rung(
        ("request_timeout", "worker_timeout"),
        "A request may take {request_timeout:g} s, and gunicorn ends a sync worker that says"
        " nothing for {worker_timeout:g} s, with its request.",
        "Set WORKER_TIMEOUT above {request_timeout:g}, or lower REQUEST_TIMEOUT.",
        doubtful=True,
    ),
    _Rung(
        ("connect_timeout", "request_timeout"),
        "Connecting to the database may take {connect_timeout:g} s, and a request"
        " {request_timeout:g} s: the client gets no answer at all.",
        "Set CONNECT_TIMEOUT below {request_timeout:g}.",
    ),
    _Rung(
        ("statement_timeout", "request_timeout"),
        "A statement may take {statement_timeout:g} s, and a request {request_timeout:g} s: the"
        " database goes on working for a client that has left.",
        "Set STATEMENT_TIMEOUT below {request_timeout:g}, or raise REQUEST_TIMEOUT.",
    ),
    _Rung(
        ("task_soft_limit", "task_hard_limit"),
        "A task is killed after {task_hard_limit:g} s, before the soft limit of"
        " {task_soft_limit:g} s lets it clean up.",
        "Set TASK_SOFT_LIMIT below {task_hard_limit:g}.",
    ),
    _Rung(
        ("task_hard_limit", "visibility_timeout"),
        "A task may run for {task_hard_limit:g} s, and is handed out again after"
        " {visibility_timeout:g} s: it runs twice at once.",
        "Set VISIBILITY_TIMEOUT above {task_hard_limit:g}, or lower TASK_HARD_LIMIT.",
    ),
    _Rung(
        ("worker_shutdown", "grace_period"),
        "A Celery worker needs {worker_stop:g} s to stop (worker_shutdown {worker_shutdown:g} +"
        " margin {margin:g}), and SIGKILL comes after {grace_period:g} s.",
        "Set WORKER_SHUTDOWN below that, or give it more time and declare that as GRACE_PERIOD.",
        shorter="worker_stop",
        equal=True,
    ),
)
