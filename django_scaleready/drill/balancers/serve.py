"""A program: a small balancer. ``python -m django_scaleready.drill.balancers.serve CONFIG``.

CONFIG is JSON: port, control (a socket that takes "up", "out NAME", "in NAME"), servers ([name,
host, port]), readiness (a path, "" for an open port), interval, fall, rise, mode ("http" or "tcp").
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django_scaleready.drill.balancers import proxy
from django_scaleready.drill.ports import HOST

_PROBE_SECONDS = 1.0
_BACKLOG = 1024

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """A replica, and how often in a row it said the opposite of what is believed of it."""

    name: str
    host: str
    port: int
    up: bool = False
    out: bool = False
    contrary: int = 0


class Pool:
    """Knows who is up, and whose turn it is."""

    def __init__(self, config: dict[str, Any]) -> None:
        self._config = config
        self.servers = [Server(*server) for server in config["servers"]]
        self._turns = itertools.count()

    def next_up(self) -> list[tuple[str, int]]:
        """The replicas to try, in this order: the one whose turn it is first."""
        up = [server for server in self.servers if server.up and not server.out]
        if not up:
            return []
        first = next(self._turns) % len(up)
        return [(server.host, server.port) for server in up[first:] + up[:first]]

    async def watch(self, server: Server) -> None:
        """Ask one replica again and again; the first answer is believed at once."""
        server.up = await self._ready(server)
        while True:
            await asyncio.sleep(self._config["interval"])
            if await self._ready(server) == server.up:
                server.contrary = 0
                continue
            server.contrary += 1
            if server.contrary >= self._config["fall" if server.up else "rise"]:
                server.up, server.contrary = not server.up, 0

    async def _ready(self, server: Server) -> bool:
        try:
            async with asyncio.timeout(_PROBE_SECONDS):
                return await self._asked(server)
        except (OSError, TimeoutError):
            return False

    async def _asked(self, server: Server) -> bool:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        try:
            if not (path := self._config["readiness"]):
                return True
            head = f"GET {path} HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
            writer.write(head.encode())
            return b" 200 " in await reader.readline()
        finally:
            writer.close()

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Take one order."""
        order, _, name = (await reader.readline()).decode().strip().partition(" ")
        for server in self.servers:
            if server.name == name:
                server.out = order == "out"
        up = [server.name for server in self.servers if server.up and not server.out]
        writer.write(" ".join(up).encode())
        with contextlib.suppress(OSError):
            await writer.drain()
        writer.close()


async def serve(config: dict[str, Any]) -> None:
    """Listen until the process is ended."""
    pool = Pool(config)
    handle: Handler = (
        proxy.HTTP(pool.next_up) if config["mode"] == "http" else proxy.TCP(pool.next_up)
    )
    async with asyncio.TaskGroup() as tasks:
        for server in pool.servers:
            tasks.create_task(pool.watch(server))
        await asyncio.start_server(handle, HOST, config["port"], backlog=_BACKLOG)
        await asyncio.start_unix_server(pool.control, config["control"])


if __name__ == "__main__":
    asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))
