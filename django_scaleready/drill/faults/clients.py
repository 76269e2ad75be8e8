"""Clients that take their time."""

from __future__ import annotations

import contextlib
import socket
import threading

from django_scaleready.drill.faults.base import Fault
from django_scaleready.drill.promises import Promise

_CLIENTS = 4
_PAUSE = 0.2


class SlowClient(Fault):
    """A few clients send a POST's body a byte at a time, as a telephone in a tunnel does."""

    name = "slow-client"
    title = f"{_CLIENTS} slow clients"
    promise = Promise(
        "Nobody else fails or waits for them.",
        "A client on a bad line is no fault at all. What is slow must wait at the balancer, or in"
        " a thread that is not the only one.",
        p99=1.0,
    )

    def __init__(self, address: tuple[str, int], path: str, *, hold: float) -> None:
        self._address = address
        self._path = path
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []
        self.hold = hold

    def inject(self) -> None:
        """Let them begin."""
        self._ended.clear()
        self._threads = [
            threading.Thread(target=self._dawdle, daemon=True) for _ in range(_CLIENTS)
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Have them hang up."""
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _dawdle(self) -> None:
        host, port = self._address
        # The server may well have enough of such a client.
        with contextlib.suppress(OSError), socket.create_connection(self._address, 5) as line:
            head = f"POST {self._path} HTTP/1.1\r\nHost: {host}:{port}\r\n"
            line.sendall(f"{head}Content-Length: 100000\r\n\r\n".encode())
            while not self._ended.wait(_PAUSE):
                line.sendall(b"x")
