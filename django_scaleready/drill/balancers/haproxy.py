"""HAProxy, which asks each replica for its readiness."""

from __future__ import annotations

import csv
import io
import socket
from collections.abc import Mapping, Sequence

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.drill import programs
from django_scaleready.drill.balancers.base import LADDER
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor

_START_SECONDS = 15
# What surrounds the documented backend.
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


def backend(ladder: Ladder, readiness: str, servers: Mapping[str, str]) -> str:
    """The backend that the ladder writes, for ``servers``: addresses by name.

    Without ``readiness`` a replica that accepts connections is up: nothing else is known of it.
    """
    text = manifests.haproxy(ladder, {"readiness": readiness})
    lines = [line for line in text.splitlines() if not line.startswith("    server ")]
    if not readiness:
        lines = [line for line in lines if "httpchk" not in line and "http-check" not in line]
    lines += [f"    server {name} {address}" for name, address in servers.items()]
    return "".join(f"{line}\n" for line in lines)


class HAProxy:
    """In a process of its own, as documented; finds out by itself who is ready."""

    name = "haproxy"

    def __init__(
        self, supervisor: Supervisor, replicas: Sequence[Replica], ladder: Ladder = LADDER
    ) -> None:
        folder = supervisor.folder("haproxy")
        port = supervisor.port()
        self.url = f"http://{HOST}:{port}"
        self._replicas = replicas
        self._socket = folder / "stats"
        file = folder / "haproxy.cfg"
        servers = {r.name: r.url.removeprefix("http://") for r in replicas}
        file.write_text(
            _FRONTEND.format(host=HOST, port=port, socket=self._socket)
            + backend(ladder, replicas[0].readiness, servers)
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
