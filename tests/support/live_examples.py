"""The servers that the examples of a live rule describe, started as described.

``settings.py`` names hosts (postgres, pgbouncer, balancer, redis) and the database "shop"; beside
it stand the servers' own files: ``postgresql.conf``, ``pgbouncer.ini``, ``redis.conf``, and three
that are no server's: ``balancer`` lists the clusters behind one address, ``clocks`` says what time
it is, ``versions`` which PostgreSQL there is and which one Django needs.
"""

from __future__ import annotations

import itertools
import re
import shlex
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime

import pytest
from django.db.backends.postgresql.features import DatabaseFeatures
from support.answering import Server, serving

from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor

HOST = re.compile(r'"HOST": "(\w+)"')


def balancing(ports: Sequence[int]) -> Callable[[Server, socket.socket], None]:
    """Lead each connection to the next port."""
    turns = itertools.cycle(ports)

    def handle(_server: Server, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", next(turns))) as upstream:
            back = threading.Thread(target=_pump, args=(upstream, client), daemon=True)
            back.start()
            _pump(client, upstream)
            back.join()

    return handle


def _pump(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)


class LiveExamples:
    """Starts what the files of an example describe; ``close`` undoes what is no process."""

    def __init__(
        self, supervisor: Supervisor, postgres: Postgres, patch: pytest.MonkeyPatch
    ) -> None:
        self._supervisor = supervisor
        self._shared = postgres
        self._patch = patch
        self._undo = ExitStack()

    def close(self) -> None:
        self._undo.close()

    def start(self, files: dict[str, str], database: str) -> dict[str, str]:
        """Return the files of the project itself, their hosts replaced by what was started."""
        cluster = self._postgres(files)
        for name in [database] if "balancer" not in files else []:
            cluster.create_database(name)
        ports = {"postgres": cluster.port}
        if "pgbouncer.ini" in files:
            pooler = PgBouncer(self._supervisor, cluster, settings=ini(files["pgbouncer.ini"]))
            pooler.start()
            ports["pgbouncer"] = pooler.port
        if "balancer" in files:
            ports["balancer"] = self._balancer(files["balancer"].split(), cluster, database)
        if "clocks" in files:
            _set_clock(files["clocks"], cluster, database)
        if "versions" in files:
            self._need(files["versions"], cluster)
        if "redis.conf" in files:
            redis = Valkey(self._supervisor, settings=conf(files["redis.conf"]))
            redis.start()
            ports["redis"] = redis.port

        def reached(text: str) -> str:
            text = HOST.sub(lambda m: f'"HOST": "127.0.0.1", "PORT": {ports[m[1]]}', text)
            text = text.replace('"NAME": "shop"', f'"NAME": "{database}", "USER": "{USER}"')
            return text.replace("redis:6379", f"127.0.0.1:{ports.get('redis')}")

        return {name: reached(text) for name, text in files.items() if name.endswith(".py")}

    def _postgres(self, files: dict[str, str]) -> Postgres:
        if "postgresql.conf" not in files:
            return self._shared
        postgres = Postgres(self._supervisor, settings=ini(files["postgresql.conf"]))
        postgres.start()
        return postgres

    def _balancer(self, names: Sequence[str], first: Postgres, database: str) -> int:
        others = [Postgres(self._supervisor, name) for name in names[1:]]
        for postgres in others:
            postgres.start()
        for postgres in (first, *others):
            postgres.create_database(database)
        ports = [first.port, *(postgres.port for postgres in others)]
        return self._undo.enter_context(serving(balancing(ports))).port

    def _need(self, versions: str, cluster: Postgres) -> None:
        """Have Django need as much more than there is as the example says."""
        given, needed = (int(number) for number in re.findall(r"\d+", versions))
        ((number,),) = cluster.execute("SHOW server_version_num")
        least = int(number) // 10000 + needed - given
        self._patch.setattr(DatabaseFeatures, "minimum_database_version", (least,))


def conf(text: str) -> dict[str, str]:
    """Read lines of "name value", as Redis does."""
    return dict(map(shlex.split, text.splitlines()))


def ini(text: str) -> dict[str, str]:
    """Read lines of "name = value"."""
    return dict(re.findall(r"^(\w+) = (.*)$", text, re.MULTILINE))


def _set_clock(text: str, cluster: Postgres, database: str) -> None:
    """Have the server say what time it is by the example, if it is noon here."""
    here, there = (datetime.strptime(t, "%H:%M:%S") for t in re.findall(r"\d+:\d+:\d+", text))
    seconds = (there - here).total_seconds()
    cluster.execute("CREATE SCHEMA fast", database)
    cluster.execute(
        "CREATE FUNCTION fast.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
        f" 'SELECT pg_catalog.clock_timestamp() + interval ''{seconds} s'''",
        database,
    )
    cluster.execute(f"ALTER DATABASE {database} SET search_path = fast, pg_catalog")
