"""Liveness before Django: the answer to ``/livez`` needs no handler, no middleware, no settings.

``wsgi`` and ``asgi`` wrap an application; what is not liveness goes through untouched. gunicorn's
workers are wrapped by the kit's configuration, other servers by what they import.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from django_scaleready.probe_paths import BY_PATH, Probe
from django_scaleready.replica_state import BROKEN, DRAINING, replica

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[str, str]]

METHODS: Final = ("GET", "HEAD")
PLAIN: Final = "text/plain"
# Asked for by name: a balancer sends */* or nothing.
JSON: Final = ("application/health+json", "application/json")


def _headers(media_type: str, body: bytes) -> Headers:
    # A proxy that remembers an earlier 200 keeps a dead replica alive.
    headers = [("Content-Type", media_type), ("Cache-Control", "no-store")]
    return [*headers, ("Content-Length", str(len(body)))]


def _answers(alive: bool) -> dict[str, tuple[int, bytes, Headers]]:
    plain = b"ok\n" if alive else b"unavailable\n"
    document = b'{"status": "pass"}\n' if alive else b'{"status": "fail"}\n'
    bodies = {PLAIN: plain, **dict.fromkeys(JSON, document)}
    return {
        media_type: (200 if alive else 503, body, _headers(media_type, body))
        for media_type, body in bodies.items()
    }


_ALIVE: Final = _answers(alive=True)
_BROKEN: Final = _answers(alive=False)
_REFUSED: Final = (405, b"", [*_headers(PLAIN, b"")[1:], ("Allow", ", ".join(METHODS))])
_LINES: Final = {200: "200 OK", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}


def _answer(method: str, accept: str) -> tuple[int, bytes, Headers]:
    if method not in METHODS:
        return _REFUSED
    media_type = PLAIN
    if "json" in accept:
        media_type = next((name for name in JSON if name in accept), PLAIN)
    return (_BROKEN if replica.flag(BROKEN) else _ALIVE)[media_type]


def wsgi(application: WSGIApplication) -> WSGIApplication:
    """Return a WSGI application that answers liveness itself.

    Paths are compared below ``SCRIPT_NAME``, as Django compares them.
    """

    def front(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if BY_PATH.get(environ.get("PATH_INFO", "")) is not Probe.LIVENESS:
            return application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        status, body, headers = _answer(method, environ.get("HTTP_ACCEPT", ""))
        # A copy, because servers add to the list that they get.
        start_response(_LINES[status], headers[:])
        return (b"" if method == "HEAD" else body,)

    return front


def asgi(application: ASGIApplication) -> ASGIApplication:
    """Return an ASGI application that answers liveness itself, and closes while draining.

    Paths are compared below ``root_path``. While the replica drains each answer ends its
    connection: an ASGI server has no other way to be told.
    """

    async def front(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if replica.flag(DRAINING) and scope.get("http_version", "1.1").startswith("1"):
            send = _closing(send)
        if BY_PATH.get(path) is not Probe.LIVENESS:
            await application(scope, receive, send)
            return
        accept = next((value for name, value in scope["headers"] if name == b"accept"), b"")
        status, body, headers = _answer(scope["method"], accept.decode("latin-1"))
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})

    return front


def _closing(send: Send) -> Send:
    async def closing(message: Any) -> None:
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"connection", b"close")]
            message = {**message, "headers": headers}
        await send(message)

    return closing
