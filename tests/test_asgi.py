"""What ``scaleready`` does around an ASGI application, without a server."""

from __future__ import annotations

import asyncio
import logging
import signal
from typing import Any

import pytest
from django.core.handlers.asgi import ASGIHandler
from support.replica import fresh_state  # noqa: F401 - a fixture

from django_scaleready.asgi import scaleready
from django_scaleready.replica_state import replica

pytestmark = pytest.mark.usefixtures("fresh_state")

STARTUP, SHUTDOWN = {"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}


def lifespan(application: Any, *received: dict[str, Any]) -> list[str]:
    """Have the application live, and return what it told the server."""
    messages, told = list(received), list[str]()

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    async def send(message: dict[str, Any]) -> None:
        told.append(message["type"])

    asyncio.run(application({"type": "lifespan"}, receive, send))
    return told


def test_django_has_no_lifespan_and_gets_one() -> None:
    told = lifespan(scaleready(ASGIHandler()), STARTUP, SHUTDOWN)
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_an_application_keeps_its_own_lifespan() -> None:
    heard = []

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        heard.append(await receive())
        await send({"type": "lifespan.startup.complete"})
        heard.append(await receive())
        await send({"type": "lifespan.shutdown.complete"})

    told = lifespan(scaleready(inner), STARTUP, SHUTDOWN)
    assert heard == [STARTUP, SHUTDOWN]
    assert told == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_a_lifespan_that_fails_later_is_not_hidden() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "lifespan.startup.complete"})
        raise LookupError("at shutdown")

    with pytest.raises(LookupError):
        lifespan(scaleready(inner), STARTUP)


def test_an_unknown_server_keeps_its_signals_and_is_told_of(
    caplog: pytest.LogCaptureFixture,
) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with caplog.at_level(logging.WARNING, "django_scaleready.asgi"):
        lifespan(scaleready(ASGIHandler()), STARTUP, SHUTDOWN)
    assert signal.getsignal(signal.SIGTERM) is before
    assert "does not drain under this server" in caplog.text


def test_where_a_master_drains_nothing_is_added(caplog: pytest.LogCaptureFixture) -> None:
    replica.share()
    lifespan(scaleready(ASGIHandler()), STARTUP, SHUTDOWN)
    assert caplog.text == ""
