"""What a balancer does with a connection: whole, or request by request. asyncio and h11."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

import h11

# Whom to try, in order; [] if nobody is up.
Choose = Callable[[], list[tuple[str, int]]]
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]

_CHUNK = 65_536
_SECONDS = 60.0
# Of one connection; what they say does not hold for the next one.
_HOP_BY_HOP = frozenset({b"connection", b"keep-alive", b"proxy-connection", b"upgrade"})


class TCP:
    """A client's connection is one replica's until one of them ends it. Nothing is retried."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client."""
        targets = self._choose()
        try:
            if not targets:
                raise ConnectionRefusedError
            upstream, down = await asyncio.open_connection(*targets[0])
        except OSError:
            # As refused as it can be, once accepted.
            writer.transport.abort()
            return
        await asyncio.gather(_pump(reader, down), _pump(upstream, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(_CHUNK):
            writer.write(data)
            await writer.drain()
        # One direction has ended. A client that has sent all still waits for the answer.
        writer.write_eof()
    except OSError:
        writer.transport.abort()


class HTTP:
    """Each request goes to the replica whose turn it is, on a connection of its own."""

    def __init__(self, choose: Choose) -> None:
        self._choose = choose

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client, as many requests as it sends."""
        client = h11.Connection(h11.SERVER)
        with contextlib.suppress(OSError, TimeoutError, h11.ProtocolError):
            while await self._one(client, (reader, writer)):
                client.start_next_cycle()
        writer.close()

    async def _one(self, client: h11.Connection, streams: Streams) -> bool:
        """Pass one request on; whether another may follow it on this connection."""
        reader, writer = streams
        request, body = None, b""
        while not isinstance(event := await _next(client, reader), h11.EndOfMessage):
            if isinstance(event, h11.ConnectionClosed):
                return False
            if isinstance(event, h11.Request):
                request = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
        if request is None:
            return False
        try:
            await self._pass_on(request, body, client, writer)
        except (OSError, TimeoutError, h11.ProtocolError):
            if client.our_state is not h11.SEND_RESPONSE:
                raise  # The head has gone out; a client has to see that the rest is missing.
            await _refuse(client, writer, 502)
        return client.our_state is h11.DONE and client.their_state is h11.DONE

    async def _pass_on(
        self,
        request: h11.Request,
        body: bytes,
        client: h11.Connection,
        writer: asyncio.StreamWriter,
    ) -> None:
        connected = await self._connect()
        if connected is None:
            await _refuse(client, writer, 503)
            return
        upstream, down = connected
        replica = h11.Connection(h11.CLIENT)
        try:
            headers = [*_end_to_end(request.headers), (b"Connection", b"close")]
            head = h11.Request(method=request.method, target=request.target, headers=headers)
            down.write(replica.send(head) or b"")
            if body:
                down.write(replica.send(h11.Data(data=body)) or b"")
            down.write(replica.send(h11.EndOfMessage()) or b"")
            while True:
                event = await _next(replica, upstream)
                if isinstance(event, h11.ConnectionClosed):
                    raise ConnectionResetError
                if isinstance(event, h11.Response):
                    event = h11.Response(
                        status_code=event.status_code, headers=_end_to_end(event.headers)
                    )
                if not isinstance(event, h11.InformationalResponse):
                    writer.write(client.send(event) or b"")
                    await writer.drain()
                if isinstance(event, h11.EndOfMessage):
                    return
        finally:
            down.close()

    async def _connect(self) -> Streams | None:
        for target in self._choose():
            with contextlib.suppress(OSError):
                return await asyncio.open_connection(*target)
        return None


def _end_to_end(headers: h11._headers.Headers) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in _HOP_BY_HOP]


async def _next(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Event:
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            async with asyncio.timeout(_SECONDS):
                connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, type):
            raise h11.RemoteProtocolError(f"{event} where an event was expected")
        else:
            return event


async def _refuse(client: h11.Connection, writer: asyncio.StreamWriter, status: int) -> None:
    headers = [(b"Content-Length", b"0"), (b"Connection", b"close")]
    writer.write(client.send(h11.Response(status_code=status, headers=headers)) or b"")
    writer.write(client.send(h11.EndOfMessage()) or b"")
    await writer.drain()
