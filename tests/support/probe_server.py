"""A gunicorn that serves the probes' site, and what a balancer and an operator see of it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor

TESTS = Path(__file__).resolve().parent.parent
TOKEN = "a-long-probe-token"
PASSWORD = "hunter2-database"
THREADS = 4
# After it a worker that does not end by itself is killed; longer than any test waits for an end.
GRACEFUL_SECONDS = 25
WSGI, ASGI = "django.core.wsgi:get_wsgi_application()", "django.core.asgi:get_asgi_application()"
WORKERS = {
    "sync": ["-k", "sync", WSGI],
    "gthread": ["-k", "gthread", "--threads", str(THREADS), WSGI],
    "gevent": ["-k", "gevent", WSGI],
    "asgi": ["-k", "asgi", ASGI],
}
# Those without the rules about settings: this site breaks them on purpose.
GROUPS: dict[str, Any] = {"startup": ["database", "cache"]}
PATIENT = {"SCALEREADY_PROBE_DEADLINE": "10"}
# The site's one allowed host, for what is no probe.
SITE = {"host": "site.example"}
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Site:
    """One gunicorn and what it said."""

    process: Process
    client: httpx.Client
    port: int
    environment: dict[str, str]
    seen: int = 0

    def from_now(self) -> Site:
        """The same, with what it has logged so far left out."""
        return replace(self, seen=len(self.process.log.read_text()))

    def status(self, path: str) -> int:
        return self.client.get(path).status_code

    def details(self, path: str) -> str:
        return self.client.get(path, headers={"x-probe-token": TOKEN}).text

    def lines(self, word: str) -> list[str]:
        text = self.process.log.read_text()[self.seen :]
        return [line for line in text.splitlines() if word in line]

    def threads(self) -> list[str]:
        """The names of its threads, whatever thread or task answers."""
        names: list[str] = self.client.get("/threads", headers=SITE).json()["names"]
        return names

    def lanes(self) -> int:
        return sum(name.startswith("scaleready-") for name in self.threads())


@contextlib.contextmanager
def serve(  # noqa: PLR0917 - a site and what it stands on
    supervisor: Supervisor,
    kind: str,
    database: str,
    database_port: int,
    valkey: Valkey,
    declared: dict[str, Any] | None = None,
    **variables: str,
) -> Iterator[Site]:
    """One worker, without the kit's configuration: what the middleware does by itself.

    Who tests no time gives the checks that of ``PATIENT``: on a busy machine they need more than
    the 0.8 that a balancer waits for.
    """
    port = supervisor.port()
    environment = {
        "DJANGO_SETTINGS_MODULE": "support.probe_site",
        "PYTHONPATH": str(TESTS),
        "SCALEREADY_PROBE_TOKEN": TOKEN,
        "SITE_DB_NAME": database,
        "SITE_DB_PASSWORD": PASSWORD,
        "SITE_DB_PORT": str(database_port),
        "SITE_DB_USER": USER,
        "SITE_REDIS_URL": valkey.url(),
        "SITE_SCALEREADY": json.dumps({"PROBES": GROUPS, **(declared or {})}),
        **variables,
    }
    process = supervisor.process(
        f"site-{next(_numbers)}-{kind}",
        [
            *(sys.executable, "-m", "gunicorn", "--no-control-socket", "--worker-tmp-dir=/dev/shm"),
            *("--graceful-timeout", str(GRACEFUL_SECONDS), "--bind", f"{HOST}:{port}"),
            *WORKERS[kind],
        ],
        environment=environment,
    )
    process.start()
    try:
        # The Host is the address, as a balancer's probe has it.
        with httpx.Client(base_url=f"http://{HOST}:{port}", timeout=20) as client:
            site = Site(process, client, port, environment)
            process.wait_until(lambda: alive(site), 20, "liveness")
            yield site
    finally:
        process.stop()


def alive(site: Site) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return site.status("/livez") == 200
    return False


def new_database(postgres: Postgres) -> str:
    name = f"probes_{next(_numbers)}"
    postgres.create_database(name)
    return name


def connections_of(postgres: Postgres) -> int:
    ((number,),) = postgres.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'probe-site'"
    )
    return int(number)


async def get(port: int, path: str, host: str = HOST) -> tuple[int, float]:
    """Status and seconds of one request on a connection of its own."""
    begun = time.perf_counter()
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    status = int((await reader.readline()).split()[1])
    await reader.read()
    took = time.perf_counter() - begun
    writer.close()
    return status, took


class Relay:
    """A way to a service that can be blocked for who is on it, while newcomers get through."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.accepts = True
        self._listener = socket.create_server((HOST, 0))
        self.port: int = self._listener.getsockname()[1]
        self._pairs: list[_Pair] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if not self.accepts:
                    client.close()
                    continue
                server = socket.create_connection((HOST, self.target))
                self._pairs.append(_Pair(client, server))

    def block(self) -> None:
        """Pass nothing more between those who are connected; nobody is told."""
        for pair in self._pairs:
            pair.blocked.set()

    def left(self) -> list[bool]:
        """For each connection so far, whether the client has ended it."""
        return [pair.left.is_set() for pair in self._pairs]

    def close(self) -> None:
        self._listener.close()
        for pair in self._pairs:
            pair.close()


class _Pair:
    """Two connected sockets, a thread for each direction."""

    def __init__(self, client: socket.socket, server: socket.socket) -> None:
        self.client, self.server = client, server
        self.blocked, self.left = threading.Event(), threading.Event()
        for source, target in ((client, server), (server, client)):
            threading.Thread(target=self._pump, args=(source, target), daemon=True).start()

    def _pump(self, source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self.blocked.is_set():
                    target.sendall(data)
        if source is self.client:
            self.left.set()
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
