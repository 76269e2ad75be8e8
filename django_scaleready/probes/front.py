"""Liveness before Django: the answer to ``/livez`` needs no handler, no middleware, no database.

``wsgi`` and ``asgi`` wrap an application; what is not liveness goes through untouched, but for the
other probes under ASGI, where the middleware is the first. gunicorn's workers are wrapped by the
kit's configuration, other servers by what they import.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from io import BytesIO
from typing import Any, Final

from django_scaleready.probe_paths import BY_PATH, Probe
from django_scaleready.probes.formats import CONTENT_TYPES, MEDIA_TYPES, OPENMETRICS, PLAIN, write
from django_scaleready.probes.results import Outcome, Result, Status
from django_scaleready.replica_state import BROKEN, DRAINING, replica

Environ = dict[str, Any]
WSGIApplication = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
Scope = Any
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
ASGIApplication = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[str, str]]

METHODS: Final = ("GET", "HEAD")
MIDDLEWARE: Final = "django_scaleready.middleware.ProbeMiddleware"


def _headers(body: bytes, *more: tuple[str, str]) -> Headers:
    # A proxy that remembers an earlier 200 keeps a dead replica alive.
    return [*more, ("Cache-Control", "no-store"), ("Content-Length", str(len(body)))]


def _answers(outcome: Outcome, status: int) -> dict[str, tuple[int, bytes, Headers]]:
    answers = {}
    for media_type in MEDIA_TYPES:
        body = write(Probe.LIVENESS, outcome, media_type, details=False)
        headers = _headers(body, ("Content-Type", CONTENT_TYPES[media_type]))
        # A scraper throws the body of a 503 away, and with it the one line that says so.
        answers[media_type] = (200 if media_type == OPENMETRICS else status, body, headers)
    return answers


# Written once, in the words of the probes behind it.
_ALIVE: Final = _answers(Outcome(), 200)
_BROKEN: Final = _answers(Outcome((Result("lifecycle", Status.FAIL, 0.0),)), 503)
_REFUSED: Final = (405, b"", _headers(b"", ("Allow", ", ".join(METHODS))))
_LINES: Final = {200: "200 OK", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}


# The headers that an answer depends on, as WSGI calls them; the last two may hold the token.
_ASKED_IN: Final = ("HTTP_ACCEPT", "HTTP_AUTHORIZATION", "HTTP_X_PROBE_TOKEN")
_NAMES: Final = {name[5:].replace("_", "-").lower().encode(): name for name in _ASKED_IN}


def _answer(method: str, asked: Mapping[str, str]) -> tuple[int, bytes, Headers]:
    if method not in METHODS:
        return _REFUSED
    if not replica.flag(BROKEN):
        return _ALIVE[_media_type(asked.get("HTTP_ACCEPT", ""))]
    if any(name in asked for name in _ASKED_IN[1:]):
        return _answer_in_full(method, asked)
    return _BROKEN[_media_type(asked.get("HTTP_ACCEPT", ""))]


def _answer_in_full(method: str, asked: Mapping[str, str]) -> tuple[int, bytes, Headers]:
    """The middleware's answer, with the reason for whoever holds the token."""
    from django.http import HttpRequest  # a balancer is answered without Django

    from django_scaleready.probes.answer import answer  # the same

    request = HttpRequest()
    request.method = method
    request.META |= {name: asked[name] for name in _ASKED_IN if name in asked}
    response = answer(request, Probe.LIVENESS)
    return response.status_code, response.content, list(response.items())


def _media_type(accept: str) -> str:
    # A balancer sends */* or nothing. What a scraper sends has preferences, and Django reads them.
    if "application/" not in accept.lower():
        return PLAIN
    from django.http import HttpRequest  # a balancer is answered without Django

    from django_scaleready.probes.answer import preferred  # the same

    request = HttpRequest()
    request.META["HTTP_ACCEPT"] = accept
    return preferred(request)


def wsgi(application: WSGIApplication) -> WSGIApplication:
    """Return a WSGI application that answers liveness itself.

    Paths are compared below ``SCRIPT_NAME``, as Django compares them.
    """

    def front(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if BY_PATH.get(environ.get("PATH_INFO", "")) is not Probe.LIVENESS:
            return application(environ, start_response)
        method = environ["REQUEST_METHOD"]
        status, body, headers = _answer(method, environ)
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
        if replica.flag(DRAINING):
            send = closing(scope, send)
        probe = BY_PATH.get(path)
        if probe is not None and probe is not Probe.LIVENESS and _is_first():
            await _answer_soon(scope, send, probe)
            return
        if probe is not Probe.LIVENESS:
            await application(scope, receive, send)
            return
        asked = {_NAMES[k]: v.decode("latin-1") for k, v in scope["headers"] if k in _NAMES}
        status, body, headers = _answer(scope["method"], asked)
        encoded = [(name.lower().encode(), value.encode()) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": encoded})
        body = b"" if scope["method"] == "HEAD" else body
        await send({"type": "http.response.body", "body": body})

    return front


def _is_first() -> bool:
    """Whether the middleware would be the first to see a request for a probe."""
    from django.conf import settings  # liveness is answered without Django

    return settings.configured and list(settings.MIDDLEWARE[:1]) == [MIDDLEWARE]


async def _answer_soon(scope: Scope, send: Send, probe: Probe) -> None:
    """Answer as the middleware does, without the thread that Django's handler gives each request.

    It is for the receivers of ``request_started`` and kept until the answer: 200 probes that wait
    for a hung database would be 200 threads.
    """
    from django.core.handlers.asgi import ASGIRequest  # the same

    from django_scaleready.probes.answer import answer_soon

    response = await answer_soon(ASGIRequest(scope, BytesIO()), probe)
    headers = [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in response.items()]
    start = {"type": "http.response.start", "status": response.status_code, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": response.content})


def closing(scope: Scope, send: Send) -> Send:
    """Return a ``send`` whose answer ends its connection; HTTP/2 has no such header."""
    if not scope.get("http_version", "1.1").startswith("1"):
        return send

    async def last(message: Any) -> None:
        if message["type"] == "http.response.start":
            others = (h for h in message.get("headers", ()) if h[0].lower() != b"connection")
            message = {**message, "headers": [*others, (b"connection", b"close")]}
        await send(message)

    return last
