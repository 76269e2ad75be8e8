"""A uvicorn process that has served its number of requests ends without cutting a connection.

uvicorn itself stops at its next tick: it closes kept connections on which a request is on its way,
and those which it has accepted and not yet read. ``make bench ARGS=kubernetes`` counts what clients
lose.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

from django_scaleready.arbiter import turns
from django_scaleready.probes import front
from django_scaleready.probes.front import ASGIApplication, Receive, Scope, Send
from django_scaleready.web_worker.idle import LINGER

logger = logging.getLogger("django_scaleready.web_worker")

# Seconds to read what was accepted last.
_LAST_ACCEPTED = 0.5


def uvicorn_server() -> Any:
    """Return the uvicorn that listens for signals in this process, None if there is none."""
    server = getattr(signal.getsignal(signal.SIGTERM), "__self__", None)
    return server if type(server).__module__ == "uvicorn.server" else None


def recycling(application: ASGIApplication) -> ASGIApplication:
    """Return an application that takes uvicorn's ``limit_max_requests`` over.

    Once the number is reached each answer ends its connection; ``LINGER`` seconds later the
    process accepts none any more, and then it stops. Under another server it changes nothing.
    """
    recycled: _Recycled | None = None

    async def served(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal recycled
        # Not before the first call: uvicorn takes the signals after it has loaded the application.
        if recycled is None:
            recycled = _Recycled(uvicorn_server())
        if scope["type"] == "http" and recycled.reached:
            send = front.closing(scope, send)
        await application(scope, receive, send)

    return served


class _Recycled:
    def __init__(self, server: Any) -> None:
        self._server = server
        self._limit: int | None = None
        # Held, because the loop itself keeps no task alive.
        self._end: asyncio.Task[None] | None = None
        if server is not None:
            # Newer releases keep it in the server too, with a jitter drawn once.
            self._limit = getattr(server, "limit_max_requests", server.config.limit_max_requests)
            server.limit_max_requests = server.config.limit_max_requests = None

    @property
    def reached(self) -> bool:
        """Whether the process is about to end, which the first one to ask begins."""
        if self._end is not None:
            return True
        if self._limit is None or self._server.server_state.total_requests < self._limit:
            return False
        if turns.may_leave():
            self._end = asyncio.get_running_loop().create_task(self._leave())
        return self._end is not None

    async def _leave(self) -> None:
        logger.info("Served %d requests; another process takes over", self._limit)
        await asyncio.sleep(LINGER)
        for listener in self._server.servers:
            listener.close()
        await asyncio.sleep(_LAST_ACCEPTED)
        self._server.should_exit = True
