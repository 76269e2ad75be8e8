"""The faults that a drill knows, in the order in which it tries them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlsplit

from django_scaleready.drill.faults.base import Fault, NotHereError
from django_scaleready.drill.faults.clients import SlowClient
from django_scaleready.drill.faults.deployment import BadDeployment
from django_scaleready.drill.faults.hop import Hop
from django_scaleready.drill.faults.output import StdoutBlocked
from django_scaleready.drill.faults.replicas import (
    ReplicaKilled,
    RollingRestart,
    WorkerHung,
    WorkerKilled,
)
from django_scaleready.drill.faults.services import (
    PgBouncerRestarted,
    PostgresPaused,
    PostgresRestarted,
    RedisHung,
    RedisRefused,
    RedisRestarted,
    Service,
)
from django_scaleready.drill.inside.order import VARIABLE, Order
from django_scaleready.drill.stage import Stage
from django_scaleready.drill.waiting import DrillError

_BAD_MODULE = "scaleready_drill_bad_release"
_BAD_SETTINGS = """\
# Written by a drill: a release that cannot work on more than one replica.
from {settings} import *

SESSION_ENGINE = "django.contrib.sessions.backends.file"
"""
# The rule that finds it.
_BAD_REASON = r"session-local|scaleready\.E004"


@dataclass(frozen=True)
class Scenario:
    """A kind of fault, and how to make one for a stage. ``quick``: part of the short drill."""

    fault: type[Fault]
    build: Callable[[Stage], Fault]
    quick: bool = False

    @property
    def name(self) -> str:
        """What ``--scenario`` calls it."""
        return self.fault.name


def chosen(names: list[str], *, quick: bool) -> list[Scenario]:
    """The scenarios of these names, all or the quick ones without; DrillError if one is unknown."""
    known = {scenario.name: scenario for scenario in SCENARIOS}
    if unknown := [name for name in names if name not in known]:
        raise DrillError(f"No scenario {', '.join(unknown)}; there are {', '.join(known)}.")
    if names:
        return [scenario for scenario in SCENARIOS if scenario.name in names]
    return [scenario for scenario in SCENARIOS if scenario.quick or not quick]


def _hold(stage: Stage) -> float:
    """Seconds: long enough for time-outs to be hit and for a balancer to notice."""
    return 4.0 if stage.options.quick else 8.0


def _service(stage: Stage, service: Service | None, what: str) -> Service:
    if service is not None:
        return service
    if stage.options.configured:
        raise NotHereError(f"The configured {what} is not the drill's to stop.")
    raise NotHereError(f"The project's settings name no {what}.")


def _redis(stage: Stage) -> Service:
    return _service(stage, stage.services.valkey, "Redis")


def _postgres(stage: Stage) -> Service:
    return _service(stage, stage.services.postgres, "PostgreSQL")


def _pgbouncer(stage: Stage) -> Service:
    if stage.services.pgbouncer is None:
        raise NotHereError("There is no PgBouncer: --pgbouncer puts one before PostgreSQL.")
    return stage.services.pgbouncer


def _hop(stage: Stage) -> Fault:
    if len(stage.replicas) == 1:
        raise NotHereError("There is no other replica to hop to.")
    return Hop(stage.replicas, stage.release.user, stage.headers)


def _rolling_restart(stage: Stage) -> Fault:
    # Each takes a drain and a start; two already show whether they are noticed.
    restarted = stage.replicas[:2] if stage.options.quick else stage.replicas
    return RollingRestart(lambda: stage.restart(*restarted))


def _stdout_blocked(stage: Stage) -> Fault:
    pipe = stage.supervisor.folder("stdout") / "pipe"
    return StdoutBlocked(stage.replicas[-1], stage.restart, pipe, hold=_hold(stage))


def _slow_client(stage: Stage) -> Fault:
    parts = urlsplit(stage.balancer.url)
    address = (parts.hostname or "", parts.port or 0)
    return SlowClient(address, "/.drill/upload/?name=drill-slow", hold=_hold(stage))


def _bad_deployment(stage: Stage) -> Fault:
    """A replica of the same release with settings of its own; the overlay reads them instead."""
    release, options = stage.release, stage.options
    replica = release.replica("bad-release", options.server, naive=stage.naive)
    if replica.machine is None:
        raise NotHereError("A replica without files of its own cannot have other settings.")
    code = _BAD_SETTINGS.format(settings=release.target.settings)
    (replica.machine.files / f"{_BAD_MODULE}.py").write_text(code)
    order = Order(**json.loads(replica.process.environment[VARIABLE]))
    told = json.dumps(asdict(replace(order, settings=_BAD_MODULE)))
    replica.process.environment = {**replica.process.environment, VARIABLE: told}
    return BadDeployment(replica, _BAD_REASON, patience=3.0 if options.quick else 8.0)


SCENARIOS: tuple[Scenario, ...] = (
    Scenario(Hop, _hop, quick=True),
    Scenario(RollingRestart, _rolling_restart, quick=True),
    Scenario(BadDeployment, _bad_deployment, quick=True),
    Scenario(WorkerKilled, lambda s: WorkerKilled(s.replicas[0]), quick=True),
    Scenario(WorkerHung, lambda s: WorkerHung(s.replicas[0])),
    Scenario(ReplicaKilled, lambda s: ReplicaKilled(s.replicas[-1], hold=_hold(s)), quick=True),
    Scenario(RedisRefused, lambda s: RedisRefused(_redis(s), hold=_hold(s))),
    Scenario(RedisHung, lambda s: RedisHung(_redis(s), hold=_hold(s)), quick=True),
    Scenario(RedisRestarted, lambda s: RedisRestarted(_redis(s))),
    Scenario(PostgresRestarted, lambda s: PostgresRestarted(_postgres(s)), quick=True),
    Scenario(PostgresPaused, lambda s: PostgresPaused(_postgres(s), hold=_hold(s))),
    Scenario(PgBouncerRestarted, lambda s: PgBouncerRestarted(_pgbouncer(s))),
    Scenario(StdoutBlocked, _stdout_blocked),
    Scenario(SlowClient, _slow_client),
)
