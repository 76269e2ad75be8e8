"""What two connections to a database learn about it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, NotSupportedError
from django.db.utils import ConnectionHandler

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

# How often both connections are asked which process serves them. A pooler hands out the one that
# was used last, or the next in turn: two or three rounds would do.
_ROUNDS = 5
_WHO = (
    "SELECT pg_backend_pid(), pg_postmaster_start_time(), pg_is_in_recovery(),"
    " host(inet_server_addr()), inet_server_port()"
)
_CLOCK = "SELECT extract(epoch FROM clock_timestamp())"
# Since PostgreSQL 16; none before.
_RESERVED = (
    "SELECT current_setting('superuser_reserved_connections')::int"
    " + coalesce(current_setting('reserved_connections', true), '0')::int"
)
_OF_ROLE = "SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user"
_OF_DATABASE = "SELECT datconnlimit FROM pg_database WHERE datname = current_database()"


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server: where it said it listens, and since when it runs.

    ``cluster`` is the identifier that a primary shares with its standbys and with no other server,
    None where it may not be asked.
    """

    address: str
    started: datetime
    standby: bool
    cluster: int | None

    def __str__(self) -> str:
        return f"{self.address} (a standby)" if self.standby else self.address


@dataclass(frozen=True, slots=True)
class Limit:
    """How many connections all clients get, what says so, and how many more are kept back."""

    connections: int
    source: str
    reserved: int = 0


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """One alias of DATABASES, as its server is.

    ``unsupported`` is Django's own sentence if the server is too old, else "". The others are known
    of PostgreSQL alone: ``skew`` is by how many seconds the server's clock is ahead of this host's,
    as far as that is certain, ``pooled`` whether server processes went from one connection to the
    other between transactions.
    """

    alias: str
    product: str
    unsupported: str = ""
    servers: frozenset[Server] = frozenset()
    skew: float = 0.0
    pooled: bool = False
    limit: Limit | None = None


def ask(alias: str, configured: dict[str, Any]) -> DatabaseFacts:
    """Open two connections of their own and close them; raises what the driver raises."""
    handler = ConnectionHandler(configured)
    with _connection(handler, alias) as one, _connection(handler, alias) as two:
        unsupported = _unsupported(one)
        if one.vendor != "postgresql":
            return DatabaseFacts(alias, one.display_name, unsupported)
        _unsupported(two)
        servers, pooled = _who(one, two)
        return DatabaseFacts(
            alias,
            f"PostgreSQL {_value(one, 'SHOW server_version').split()[0]}",
            unsupported,
            servers,
            skew=_skew(one),
            pooled=pooled,
            limit=_limit(one),
        )


@contextlib.contextmanager
def _connection(handler: ConnectionHandler, alias: str) -> Iterator[BaseDatabaseWrapper]:
    # Not the project's own, which may be inside a transaction, and none of its pool: two of these
    # may be all there are.
    connection: BaseDatabaseWrapper = handler.create_connection(alias)
    options = {k: v for k, v in connection.settings_dict["OPTIONS"].items() if k != "pool"}
    connection.settings_dict = {
        **connection.settings_dict,
        "AUTOCOMMIT": True,
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }
    try:
        yield connection
    finally:
        connection.close()


def _unsupported(connection: BaseDatabaseWrapper) -> str:
    try:
        connection.ensure_connection()
        # It did so itself, unless this process had looked before.
        connection.check_database_version_supported()
    except NotSupportedError as error:
        # Only once it is connected: it can be asked all the same.
        return str(error)
    return ""


def _row(connection: BaseDatabaseWrapper, statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()


def _value(connection: BaseDatabaseWrapper, statement: str) -> Any:
    (value,) = _row(connection, statement)
    return value


def _who(one: BaseDatabaseWrapper, two: BaseDatabaseWrapper) -> tuple[frozenset[Server], bool]:
    """Ask both in turn; a process that serves both, or several that serve one: they are pooled."""
    servers: set[Server] = set()
    seen: tuple[set[Any], set[Any]] = (set(), set())
    for _ in range(_ROUNDS):
        for connection, processes in zip((one, two), seen, strict=True):
            pid, started, standby, address, port = _row(connection, _WHO)
            # Two servers may well give two processes the same number.
            processes.add((pid, started))
            where = "a socket" if address is None else f"{address}:{port}"
            known = next((s for s in servers if s.started == started), None)
            if known is None:
                servers.add(Server(where, started, standby, _cluster(connection)))
    pooled = bool(seen[0] & seen[1]) or any(len(processes) > 1 for processes in seen)
    return frozenset(servers), pooled


def _cluster(connection: BaseDatabaseWrapper) -> int | None:
    try:
        return int(_value(connection, "SELECT system_identifier FROM pg_control_system()"))
    except DatabaseError:  # some managed services do not have it, or forbid it
        return None


def _skew(connection: BaseDatabaseWrapper) -> float:
    """The answer was given between asking and hearing it; what lies outside is the skew."""
    asked = time.time()
    theirs = float(_value(connection, _CLOCK))
    heard = time.time()
    return max(0.0, theirs - heard) or min(0.0, theirs - asked)


def _limit(connection: BaseDatabaseWrapper) -> Limit:
    """The least of what the server, the role and the database allow; -1 means no limit."""
    most = int(_value(connection, "SHOW max_connections"))
    reserved = int(_value(connection, _RESERVED))
    source = f"max_connections {most}, {reserved} of them reserved"
    limits = [Limit(most - reserved, source, reserved)]
    for what, statement in (("role", _OF_ROLE), ("database", _OF_DATABASE)):
        if (allowed := int(_value(connection, statement))) >= 0:
            limits.append(Limit(allowed, f"the CONNECTION LIMIT of the {what}"))
    return min(limits, key=lambda limit: limit.connections)
