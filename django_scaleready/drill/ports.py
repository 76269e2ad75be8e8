"""Ports on loopback that stay free while nothing listens on them."""

from __future__ import annotations

import contextlib
import random
import socket
from pathlib import Path

from django_scaleready.drill.waiting import DrillError

HOST = "127.0.0.1"
LOWEST = 20_000
_EPHEMERAL = Path("/proc/sys/net/ipv4/ip_local_port_range")
_ATTEMPTS = 200


class Ports:
    """Hands out ports and keeps each until ``close``, through any number of restarts.

    A port of the system's choice (bind to 0, close, use) may be another program's by the time it is
    used: it lies in the range from which every outgoing connection takes one. So these lie below
    that range, and a UDP socket bound to the same number keeps other drills away. It vanishes with
    this process, however that ends.
    """

    def __init__(self) -> None:
        self._kept: list[socket.socket] = []

    def reserve(self) -> int:
        """Return a port that nothing listens on; DrillError if none is found."""
        for _ in range(_ATTEMPTS):
            port = random.randrange(LOWEST, _highest())  # noqa: S311 - no secret
            guard = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            with contextlib.suppress(OSError):
                guard.bind((HOST, port))
                # Without SO_REUSEADDR it would refuse a port whose last connections linger.
                socket.create_server((HOST, port)).close()
                self._kept.append(guard)
                return port
            guard.close()
        raise DrillError(f"No free port from {LOWEST} to {_highest()} on {HOST}.")

    def close(self) -> None:
        """Give all of them back."""
        for guard in self._kept:
            guard.close()
        self._kept.clear()


def _highest() -> int:
    try:
        lowest_ephemeral = int(_EPHEMERAL.read_text().split()[0])
    except OSError:  # macOS: 49152
        lowest_ephemeral = 49_152
    # A range that begins very low leaves nothing below it.
    return lowest_ephemeral if lowest_ephemeral > LOWEST + 1_000 else 65_536
