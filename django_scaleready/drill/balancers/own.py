"""The drill's own balancer, where none is installed, and one in the order of Kubernetes."""

from __future__ import annotations

import json
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Any

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor

_START_SECONDS = 15
# How long after SIGTERM the last kube-proxy has heard of it: seconds, and nobody waits for it.
PROPAGATION = 2.0


class Own:
    """Asks for readiness each second, as HAProxy is told to; a request is sent once.

    A replica that refuses the connection is passed over: nothing was sent to it yet.
    """

    name = "own"
    _MODE: Mapping[str, Any] = {"mode": "http", "interval": 1.0, "fall": 2, "rise": 2}

    def __init__(self, supervisor: Supervisor, replicas: Sequence[Replica]) -> None:
        folder = supervisor.folder(self.name)
        port = supervisor.port()
        self.url = f"http://{HOST}:{port}"
        self._replicas = replicas
        self._socket = folder / "control"
        file = folder / "balancer.json"
        servers = [[replica.name, *replica.address] for replica in replicas]
        file.write_text(
            json.dumps(
                {
                    **self._MODE,
                    "port": port,
                    "control": str(self._socket),
                    "servers": servers,
                    "readiness": replicas[0].readiness,
                }
            )
        )
        self.process: Process = supervisor.process(
            self.name, [sys.executable, "-m", "django_scaleready.drill.balancers.serve", file]
        )

    def start(self) -> None:
        """Start it; returns when it knows which replicas are ready."""
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
        """The names of the replicas that get requests."""
        return frozenset(self._tell("up").split())

    def _tell(self, order: str) -> str:
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(2)
            asked.connect(str(self._socket))
            asked.sendall(f"{order}\n".encode())
            return b"".join(iter(lambda: asked.recv(65536), b"")).decode()


class Kubernetes(Own):
    """Connections, not requests; a pod that is to end leaves 2 s after SIGTERM, whatever it says.

    A connection that is refused is the client's failure: kube-proxy has sent it by then.
    """

    name = "kubernetes"
    _MODE: Mapping[str, Any] = {"mode": "tcp", "interval": 1.0, "fall": 3, "rise": 1}

    def take_out(self, replica: Replica) -> None:
        """Have it leave in 2 s; returns at once, since SIGTERM is sent at that moment."""
        timer = threading.Timer(PROPAGATION, self._tell, [f"out {replica.name}"])
        timer.daemon = True
        timer.start()

    def put_back(self, replica: Replica) -> None:
        """Let it have requests as soon as it is ready: it is another pod."""
        self._tell(f"in {replica.name}")
