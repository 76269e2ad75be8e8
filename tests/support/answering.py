"""Servers for the load and the balancers: each connection meets what a function does with it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nX-Drill-Replica: a\r\n\r\npage"


def read_request(connection: socket.socket) -> bytes:
    """Return one request's head and body; b"" if the client has closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(65536)):
            return b""
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line[15:] for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"]
    while lengths and len(body) < int(lengths[0]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reset(connection: socket.socket) -> None:
    """Close so that the other side gets an RST."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Server:
    """Listens on loopback; ``requests`` are all that came, ``connections`` how many did."""

    def __init__(self, handle: Callable[[Server, socket.socket], None], port: int = 0) -> None:
        self.requests: list[bytes] = []
        self.connections = 0
        self._handle = handle
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        # Without shutdown the thread in accept() keeps the port.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def next_request(self, connection: socket.socket) -> bool:
        if request := read_request(connection):
            self.requests.append(request)
        return bool(request)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.connections += 1
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            self._handle(self, connection)


def always(answer: bytes) -> Callable[[Server, socket.socket], None]:
    """Answer each request of a connection the same."""

    def handle(server: Server, connection: socket.socket) -> None:
        while server.next_request(connection):
            connection.sendall(answer)

    return handle


def once(act: Callable[[socket.socket], None]) -> Callable[[Server, socket.socket], None]:
    """Take one request, then do something to the connection."""

    def handle(server: Server, connection: socket.socket) -> None:
        if server.next_request(connection):
            act(connection)

    return handle


@contextlib.contextmanager
def serving(handle: Callable[[Server, socket.socket], None], port: int = 0) -> Iterator[Server]:
    server = Server(handle, port)
    try:
        yield server
    finally:
        with contextlib.suppress(OSError):
            server.close()
