"""A replica under uvicorn or granian: liveness, lifespan, and the drain on SIGTERM.

In ``asgi.py``, around everything else::

    from django_scaleready.asgi import scaleready

    application = scaleready(get_asgi_application())

Under gunicorn with this package's configuration its master drains, and this adds nothing to it.
Each process drains for itself: with several workers their parent passes SIGTERM on to all of them
and waits.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.apps import apps

from django_scaleready.conf import conf
from django_scaleready.logs import servers
from django_scaleready.probes import front
from django_scaleready.probes.front import ASGIApplication, Receive, Scope, Send
from django_scaleready.replica_state import replica
from django_scaleready.web_worker import connections
from django_scaleready.web_worker.recycling import recycling, uvicorn_server

logger = logging.getLogger("django_scaleready.asgi")

# uvicorn's own, by which one that nobody chose is known.
UVICORN_KEEPALIVE = 5


def scaleready(application: ASGIApplication) -> ASGIApplication:
    """Return the application with what a replica needs; call it once, when Django is set up."""
    drain = None if replica.shared else Drain()
    replica.share()
    servers.adopt()
    if apps.ready:
        connections.end_with_the_request()
    served = front.asgi(application)

    async def replicated(scope: Scope, receive: Receive, send: Send) -> None:
        # Not now: the server takes the signals after it has loaded the application. And not only
        # with lifespan, which can be switched off.
        if drain is not None:
            drain.install()
        if scope["type"] == "lifespan":
            await _lifespan(application, scope, receive, send)
        else:
            await served(scope, receive, send)

    # Outermost: it finds uvicorn by the signals that the drain takes over.
    return recycling(replicated)


async def _lifespan(
    application: ASGIApplication, scope: Scope, receive: Receive, send: Send
) -> None:
    """Let the application answer, or answer for it: Django raises, which servers warn of."""
    begun = [await receive()]
    answered = False

    async def hear() -> Any:
        return begun.pop() if begun else await receive()

    async def say(message: Any) -> None:
        nonlocal answered
        answered = True
        await send(message)

    try:
        await application(scope, hear, say)
    except Exception:
        if answered:
            raise
    if not answered:
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


class Drain:
    """SIGTERM in one process: readiness fails, everything is served, then the server stops."""

    def __init__(self) -> None:
        self._installed = False
        self._terms = 0
        self._timer: asyncio.TimerHandle | None = None
        self._stop: Callable[[], None]
        self._loop: asyncio.AbstractEventLoop

    def install(self) -> None:
        """Take SIGTERM over from uvicorn or granian; only the first call does anything."""
        if self._installed:
            return
        self._installed = True
        if threading.current_thread() is not threading.main_thread():
            logger.warning("SIGTERM does not drain: the application runs beside the main thread")
            return
        self._loop = asyncio.get_running_loop()
        server = uvicorn_server()
        if server is not None:
            self._install_in_uvicorn(server)
        elif "granian.server" in sys.modules:
            self._install_in_granian()
        else:
            logger.warning(
                "SIGTERM does not drain under this server; `manage.py scaleready drain` does"
            )

    def _install_in_uvicorn(self, server: Any) -> None:
        def on_term(_number: int, _frame: FrameType | None) -> None:
            # Between any two lines of whatever runs: only this may be called of a loop.
            self._loop.call_soon_threadsafe(self._on_term)

        self._stop = lambda: server.handle_exit(signal.SIGTERM, None)
        signal.signal(signal.SIGTERM, on_term)
        # Read for each connection, and at the stop. What was chosen on the command line stays.
        config, ladder = server.config, conf.ladder
        if config.timeout_graceful_shutdown is None:
            config.timeout_graceful_shutdown = ladder.graceful_timeout
        if config.timeout_keep_alive == UVICORN_KEEPALIVE:
            config.timeout_keep_alive = ladder.keepalive

    def _install_in_granian(self) -> None:
        # Its handler for SIGINT is the same, and cannot be called in another way.
        self._stop = lambda: os.kill(os.getpid(), signal.SIGINT)
        self._loop.add_signal_handler(signal.SIGTERM, self._on_term)

    def _on_term(self) -> None:
        self._terms += 1
        replica.drain()
        left = max(0.0, conf.ladder.drain - replica.drained_for)
        if self._terms == 1 and left:
            logger.info(
                "Draining for %.1f s: readiness answers 503, everything else is served", left
            )
            self._timer = self._loop.call_later(left, self._finish, "")
        else:
            self._finish(", cut short by a second SIGTERM" if left else "")

    def _finish(self, how: str) -> None:
        if self._timer is not None:
            self._timer.cancel()
        logger.info("Drained for %.1f s%s; stopping", replica.drained_for, how)
        self._stop()
