"""Closes idle connections when a worker stops, as gunicorn's gthread worker does itself.

Under asgi and gevent they would hold the exit for all of ``graceful_timeout``, and a recycled
worker is not replaced before it has gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import select
import sys
from collections.abc import Iterator
from typing import Any

from django_scaleready.replica_state import replica

# Seconds for a request that a client is sending at the moment; gthread's STOP_KEEPALIVE_LINGER.
LINGER = 2.0
PAUSE = 0.5


def watch(worker: Any) -> None:
    """Begin to, in a worker of one of the two classes; nothing in any other."""
    if hasattr(worker, "asgi"):
        # Held by the worker, because the loop itself keeps no task alive.
        worker.scaleready_idle = worker.loop.create_task(_close_asgi(worker))
    elif (ggevent := sys.modules.get("gunicorn.workers.ggevent")) and isinstance(
        worker, ggevent.GeventWorker
    ):
        _Gevent(worker).watch()


async def _close_asgi(worker: Any) -> None:
    # A connection that the loop has accepted counts only some steps later. A worker that counts
    # none ends at once, and takes it along; so this is one, until the last of them is counted.
    worker.nr_conns += 1
    while worker.alive:
        # uvloop loses a SIGTERM that comes before it runs, while the application is loaded: the
        # worker would serve on until it is killed, and its requests with it.
        if replica.stopping:
            worker.alive = False
        await asyncio.sleep(PAUSE)
    while any(server.is_serving() for server in worker.servers):
        await asyncio.sleep(PAUSE / 10)
    await asyncio.sleep(PAUSE)
    worker.nr_conns -= 1
    await asyncio.sleep(LINGER)
    while True:  # until the worker cancels what is left
        for task in asyncio.all_tasks():
            _close_if_idle(task)
        await asyncio.sleep(PAUSE)


def _close_if_idle(task: asyncio.Task[Any]) -> None:
    # The worker counts its connections and does not list them; each is the ``self`` of a task.
    coroutine = task.get_coro()
    if getattr(coroutine, "__qualname__", "") != "ASGIProtocol._handle_connection":
        return
    frame = getattr(coroutine, "cr_frame", None)
    protocol = frame.f_locals["self"] if frame is not None else None
    if protocol is None or not protocol._awaiting_request or protocol._finishing_calls:
        return
    if protocol._closed:  # its socket has no number any more
        return
    # Closed with something unread, the client's next request would be answered by a reset.
    if not _is_readable(protocol.transport.get_extra_info("socket")):
        protocol._keepalive_timeout()


def _is_readable(sock: Any) -> bool:
    poll = select.poll()
    poll.register(sock.fileno(), select.POLLIN)
    return bool(poll.poll(0))


class _Gevent:
    """Keeps a list of the greenlets that wait for a connection's next request."""

    def __init__(self, worker: Any) -> None:
        self._worker = worker
        self._waiting: dict[Any, Any] = {}
        self._gevent: Any = sys.modules["gevent"]

    def watch(self) -> None:
        self._worker.timeout_ctx = self._wait
        self._gevent.spawn(self._close)

    @contextlib.contextmanager
    def _wait(self) -> Iterator[None]:
        timeout = self._gevent.Timeout(self._worker.cfg.keepalive, False)
        self._waiting[timeout] = self._gevent.getcurrent()
        try:
            with timeout:
                yield
        finally:
            del self._waiting[timeout]

    def _close(self) -> None:
        while self._worker.alive:
            self._gevent.sleep(PAUSE)
        self._gevent.sleep(LINGER)
        while True:  # until the process ends
            for timeout, greenlet in list(self._waiting.items()):
                self._gevent.kill(greenlet, timeout)  # asynchronously
            self._gevent.sleep(PAUSE)
