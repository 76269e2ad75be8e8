"""HAProxy, which asks each replica for its readiness."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Sequence

from django_scaleready.drill import programs
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor

_START_SECONDS = 15
# What surrounds the documented backend. A drill's own requests last as long as 30 s.
_FRONTEND = """\
global
    stats socket {socket} mode 600 level user
    maxconn 4000
defaults
    mode http
    timeout connect 2s
    timeout client 60s
    timeout server 60s
frontend all
    bind {host}:{port}
    default_backend web
"""


def backend(servers: Sequence[tuple[str, str]], readiness: str = "/readyz") -> str:
    """The backend as documented: ``servers`` are names and addresses.

    Without ``readiness`` a replica that accepts connections is up: all that is known of it.
    """
    asked = (
        f"    option httpchk GET {readiness}\n    http-check expect status 200\n"
        if readiness
        else ""
    )
    return (
        "backend web\n"
        "    balance roundrobin\n"
        f"{asked}"
        "    default-server check inter 1s fall 2 rise 2\n"
        "    option redispatch\n"
        "    retry-on conn-failure\n"
        + "".join(f"    server {name} {address}\n" for name, address in servers)
    )


class HAProxy:
    """In a process of its own, as documented; finds out by itself who is ready."""

    name = "haproxy"

    def __init__(self, supervisor: Supervisor, replicas: Sequence[Replica]) -> None:
        folder = supervisor.folder("haproxy")
        port = supervisor.port()
        self.url = f"http://{HOST}:{port}"
        self._replicas = replicas
        self._socket = folder / "stats"
        file = folder / "haproxy.cfg"
        servers = [(r.name, r.url.removeprefix("http://")) for r in replicas]
        file.write_text(
            _FRONTEND.format(host=HOST, port=port, socket=self._socket)
            + backend(servers, replicas[0].readiness)
        )
        self.process = supervisor.process(
            "haproxy", [programs.require("haproxy"), "-db", "-f", file]
        )

    def start(self) -> None:
        """Start it; it believes every replica up until it knows better."""
        self.process.start()
        self.process.wait_until(self._socket.exists, _START_SECONDS, "its socket")
        ready = frozenset(replica.name for replica in self._replicas if replica.ready())
        self.process.wait_until(lambda: self.up() == ready, _START_SECONDS, "the ready replicas")

    def stop(self) -> None:
        """End it at once."""
        self.process.stop()

    def take_out(self, replica: Replica) -> None:
        """Nothing: its readiness says so."""

    def put_back(self, replica: Replica) -> None:
        """Nothing: its readiness says so."""

    def up(self) -> frozenset[str]:
        """The servers that its statistics call up, also those on their way down."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(2)
            asked.connect(str(self._socket))
            asked.sendall(b"show stat -1 4 -1\n")
            table = b"".join(iter(lambda: asked.recv(65536), b"")).decode()
        rows = csv.DictReader(io.StringIO(table.removeprefix("# ")))
        return frozenset(
            row["svname"] for row in rows if row["status"].startswith(("UP", "no check"))
        )
