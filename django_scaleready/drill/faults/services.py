"""Redis, PostgreSQL and PgBouncer: away, silent, or back with all connections lost."""

from __future__ import annotations

from typing import ClassVar, Protocol

from django_scaleready.drill.faults.base import Fault
from django_scaleready.drill.processes import Process
from django_scaleready.drill.promises import Excused, Promise


class Service(Protocol):
    """A service of the drill's own."""

    @property
    def process(self) -> Process:
        """What runs of it."""

    def start(self) -> None:
        """Start it; returns when it answers."""

    def stop(self) -> None:
        """End it; connections are cut, new ones refused."""


class _OfService(Fault):
    def __init__(self, service: Service, *, hold: float) -> None:
        self.service = service
        self.hold = hold


class _Refused(_OfService):
    """Nobody listens; it comes back with what it has kept."""

    def inject(self) -> None:
        self.service.stop()

    def end(self) -> None:
        self.service.start()


class _Hung(_OfService):
    """It accepts connections and answers nothing."""

    def inject(self) -> None:
        self.service.process.freeze()

    def end(self) -> None:
        self.service.process.thaw()


class _Restarted(_OfService):
    """All connections are cut; it is back as soon as it can."""

    def __init__(self, service: Service) -> None:
        super().__init__(service, hold=0)

    def inject(self) -> None:
        self.service.stop()
        self.service.start()


_REDIS = (
    "What stands in Redis is a copy, or can be done without for a while: sessions are in the"
    " database too, a page is computed again."
)


class RedisRefused(_Refused):
    """Connections to Redis are refused."""

    name: ClassVar = "redis-refused"
    title: ClassVar = "Redis refused"
    promise: ClassVar = Promise("Pages may be slower; none fails.", _REDIS, p99=3.0)


class RedisHung(_Hung):
    """Redis accepts and never answers, the worst kind of absence."""

    name: ClassVar = "redis-hung"
    title: ClassVar = "Redis hangs"
    promise: ClassVar = Promise(
        "Pages may be slower, by no more than a time-out or two; none fails.",
        _REDIS + " Whoever waits for it without a time-out waits for ever.",
        p99=3.0,
    )


class RedisRestarted(_Restarted):
    """Redis is restarted, as for an update."""

    name: ClassVar = "redis-restarted"
    title: ClassVar = "Redis restarted"
    promise: ClassVar = Promise(
        "No page fails, and nobody is signed out.",
        _REDIS + " A pool's connection that is dead is made anew.",
        p99=3.0,
    )


_DATABASE = (
    "Pages that need the database cannot do without it. But no replica may have to be restarted"
    " afterwards, and none may go on handing out dead connections. A balancer that had no replica"
    " left believes in one again after some probes."
)


class PostgresRestarted(_Restarted):
    """PostgreSQL is restarted, as for an update."""

    name: ClassVar = "postgres-restarted"
    title: ClassVar = "PostgreSQL restarted"
    promise: ClassVar = Promise(
        "Requests may fail while it is away; a second after it is back no replica fails one.",
        _DATABASE,
        Excused.MEANWHILE,
        grace=1.0,
    )


class PostgresPaused(_Hung):
    """PostgreSQL accepts and never answers, as in a fail-over."""

    name: ClassVar = "postgres-paused"
    title: ClassVar = "PostgreSQL hangs"
    promise: ClassVar = Promise(
        "Requests may wait or fail while it hangs; a second after it goes on no replica fails one.",
        _DATABASE,
        Excused.MEANWHILE,
        grace=1.0,
    )


class PgBouncerRestarted(_Restarted):
    """PgBouncer is restarted; PostgreSQL is not."""

    name: ClassVar = "pgbouncer-restarted"
    title: ClassVar = "PgBouncer restarted"
    promise: ClassVar = Promise(
        "Requests may fail while it is away; a second after it is back no replica fails one.",
        _DATABASE,
        Excused.MEANWHILE,
        grace=1.0,
    )
