"""The services of a drill: embedded, or databases of its own on the configured servers.

Never the configured database itself. What was made is dropped at the end.
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import psycopg
import redis
from psycopg import sql

from django_scaleready.drill.services import s3
from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Facts
from django_scaleready.drill.waiting import DrillError

# By the last part of ENGINE. SQLite is a file, which is each replica's own.
_POSTGRES = frozenset({"postgresql", "postgresql_psycopg2", "postgis"})
_FILES = frozenset({"sqlite3", "spatialite"})
_REDIS_DATABASES = 16
_SECONDS = 5


@dataclass
class Provision:
    """What the project's services are exchanged for.

    ``databases`` are NAME, HOST ... by alias, ``redis`` URLs of empty databases, ``s3`` options of
    a bucket. The services themselves are None where they are not the drill's own: those can be
    used, but not stopped.
    """

    databases: dict[str, dict[str, str]] = field(default_factory=dict, repr=False)
    redis: list[str] = field(default_factory=list, repr=False)
    s3: dict[str, str] = field(default_factory=dict, repr=False)
    postgres: Postgres | None = None
    pgbouncer: PgBouncer | None = None
    valkey: Valkey | None = None
    bucket: S3 | None = None

    def environment(self) -> dict[str, str]:
        """The variables that settings on the kit read; others are exchanged by the overlay."""
        told: dict[str, str] = {}
        if "default" in self.databases:
            told["DATABASE_URL"] = _url(self.databases["default"])
        if self.redis:
            told["REDIS_URL"] = self.redis[0]
        if self.s3:
            told |= {
                "MEDIA_S3_BUCKET": self.s3["bucket_name"],
                "MEDIA_S3_ENDPOINT_URL": self.s3["endpoint_url"],
                "MEDIA_S3_ACCESS_KEY_ID": self.s3["access_key"],
                "MEDIA_S3_SECRET_ACCESS_KEY": self.s3["secret_key"],
            }
        return told


def embedded(supervisor: Supervisor, facts: Facts, *, pooler: bool = False) -> Provision:
    """Start what the project needs, from wheels; with ``pooler`` PgBouncer before PostgreSQL.

    Raises DrillError for a database that the drill cannot bring.
    """
    made = Provision()
    if names := _names(facts):
        made.postgres = Postgres(supervisor)
        made.postgres.start()
        port = made.postgres.port
        if pooler:
            made.pgbouncer = PgBouncer(supervisor, made.postgres)
            made.pgbouncer.start()
            port = made.pgbouncer.port
        for name in sorted(set(names.values())):
            made.postgres.create_database(name)
        entry = {"HOST": "127.0.0.1", "PORT": str(port), "USER": USER, "PASSWORD": ""}
        made.databases = {alias: {**entry, "NAME": name} for alias, name in names.items()}
    if facts.redis or facts.needs_broker:
        made.valkey = Valkey(supervisor)
        made.valkey.start()
        made.redis = [made.valkey.url(number) for number in range(_REDIS_DATABASES)]
    _add_bucket(made, supervisor, facts)
    return made


@contextlib.contextmanager
def configured(
    supervisor: Supervisor, facts: Facts, *, allow_remote: bool = False
) -> Iterator[Provision]:
    """Make databases on the servers that the settings name; drop them when the block ends.

    Raises DrillError if a server is not on loopback, unless ``allow_remote``, or has no room.
    """
    made = Provision()
    with contextlib.ExitStack() as stack:
        for alias, own in _names(facts).items():
            entry = facts.databases[alias]
            _refuse_remote(f"DATABASES[{alias!r}]", entry["HOST"] or "localhost", allow_remote)
            name = f"scaleready_{secrets.token_hex(4)}_{own}"
            stack.enter_context(_database(entry, name))
            made.databases[alias] = {
                key: entry[key] for key in ("HOST", "PORT", "USER", "PASSWORD")
            } | {"NAME": name}
        if facts.redis:
            url = facts.redis[0]
            _refuse_remote("Redis", urlsplit(url).hostname or "localhost", allow_remote)
            made.redis = [stack.enter_context(_empty_redis(url))]
        _add_bucket(made, supervisor, facts)
        yield made


def _names(facts: Facts) -> dict[str, str]:
    """A database for each alias on PostgreSQL; the same one where the project has the same."""
    names: dict[str, str] = {}
    real: dict[tuple[str, ...], str] = {}
    for alias, entry in facts.databases.items():
        kind = entry["ENGINE"].rpartition(".")[2]
        if kind in _POSTGRES:
            where = (entry["HOST"], entry["PORT"], entry["NAME"])
            names[alias] = real.setdefault(where, f"drill_{alias}")
        elif kind not in _FILES:
            raise DrillError(
                f"DATABASES[{alias!r}] is {entry['ENGINE']}: a drill brings PostgreSQL, and leaves"
                " SQLite as it is. It has nothing that could stand in for this one."
            )
    return names


def _add_bucket(made: Provision, supervisor: Supervisor, facts: Facts) -> None:
    """A real bucket is never written to, also where the other services are the configured ones."""
    if not facts.remote_storages:
        return
    made.bucket = S3(supervisor)
    made.bucket.start()
    made.s3 = {
        "bucket_name": made.bucket.create_bucket("drill"),
        "endpoint_url": made.bucket.url,
        "access_key": s3.ACCESS_KEY,
        "secret_key": s3.SECRET_KEY,
    }


def _refuse_remote(what: str, host: str, allowed: bool) -> None:
    if not allowed and not host.startswith("/") and not _is_loopback(host):
        raise DrillError(
            f"{what} is on {host}, which is not this machine. A drill sends load and breaks things:"
            " use the embedded services, or --allow-remote if nobody else depends on that server."
        )


def _is_loopback(host: str) -> bool:
    try:
        found = {info[4][0] for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ipaddress.ip_address(address).is_loopback for address in found)


@contextlib.contextmanager
def _database(entry: Mapping[str, str], name: str) -> Iterator[None]:
    def execute(command: str) -> None:
        with psycopg.connect(
            host=entry["HOST"] or None,
            port=entry["PORT"] or None,
            user=entry["USER"] or None,
            password=entry["PASSWORD"] or None,
            dbname="postgres",
            connect_timeout=_SECONDS,
            autocommit=True,
        ) as connection:
            connection.execute(sql.SQL(command).format(sql.Identifier(name)))

    try:
        execute("CREATE DATABASE {}")
    except psycopg.Error as error:
        raise DrillError(f"No database for the drill on {entry['HOST']}: {error}") from error
    try:
        yield
    finally:
        execute("DROP DATABASE IF EXISTS {} WITH (FORCE)")


@contextlib.contextmanager
def _empty_redis(url: str) -> Iterator[str]:
    """A database of this server that holds nothing, emptied again at the end."""
    for number in reversed(range(_REDIS_DATABASES)):
        parts = urlsplit(url)
        own = parts._replace(path=f"/{number}").geturl()
        client = redis.Redis.from_url(own, socket_timeout=_SECONDS, socket_connect_timeout=_SECONDS)
        try:
            empty = client.dbsize() == 0
        except redis.RedisError as error:
            raise DrillError(f"No Redis for the drill on {parts.hostname}: {error}") from error
        if empty:
            try:
                yield own
            finally:
                client.flushdb()
            return
    raise DrillError(f"Redis on {parts.hostname}: none of its 16 databases is empty.")


def _url(entry: Mapping[str, str]) -> str:
    user = quote(entry["USER"], safe="")
    secret = f":{quote(entry['PASSWORD'], safe='')}" if entry["PASSWORD"] else ""
    port = f":{entry['PORT']}" if entry["PORT"] else ""
    return f"postgres://{user}{secret}@{entry['HOST'] or 'localhost'}{port}/{entry['NAME']}"
