"""Liveness before Django, beside the answer of the middleware behind it."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory
from support.replica import fresh_state  # noqa: F401 - a fixture

from django_scaleready import lifecycle
from django_scaleready.middleware import ProbeMiddleware
from django_scaleready.probes import front

pytestmark = pytest.mark.usefixtures("fresh_state")
Answer = tuple[int, dict[str, str], bytes]


def unreachable(*_: Any) -> Any:
    raise AssertionError("the application was asked")


async def unreachable_soon(*_: Any) -> None:
    raise AssertionError("the application was asked")


def environ(path: str, method: str = "GET", accept: str | None = None) -> dict[str, Any]:
    headers = {} if accept is None else {"HTTP_ACCEPT": accept}
    return RequestFactory().generic(method, path, **headers).environ  # type: ignore[arg-type]


def by_wsgi(path: str, method: str = "GET", accept: str | None = None, **more: str) -> Answer:
    started: list[Any] = []
    body = front.wsgi(unreachable)(
        {**environ(path, method, accept), **more}, lambda *args: started.append(args)
    )
    ((status, headers),) = started
    return int(status.partition(" ")[0]), dict(headers), b"".join(body)


def run_asgi(application: Any, scope: dict[str, Any]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(front.asgi(application)(scope, unreachable_soon, send))
    return sent


def scope(path: str, **more: Any) -> dict[str, Any]:
    return {"type": "http", "method": "GET", "path": path, "headers": [], **more}


def by_asgi(path: str, method: str = "GET", accept: str | None = None, **more: str) -> Answer:
    headers = [] if accept is None else [(b"accept", accept.encode())]
    start, body = run_asgi(unreachable_soon, scope(path, method=method, headers=headers, **more))
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return start["status"], names, body["body"]


def lower(answer: Answer) -> Answer:
    status, headers, body = answer
    return status, {name.lower(): value for name, value in headers.items()}, body


def by_middleware(path: str, method: str = "GET", accept: str | None = None) -> Answer:
    headers = {} if accept is None else {"HTTP_ACCEPT": accept}
    request = RequestFactory().generic(method, path, **headers)  # type: ignore[arg-type]
    response: Any = ProbeMiddleware(unreachable)(request)
    return response.status_code, dict(response.headers), response.content


ACCEPTED = [
    None,
    "*/*",
    "text/html,application/xhtml+xml,*/*;q=0.8",
    "application/json",
    "application/health+json",
    "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4,*/*;q=0.1",
    "application/json;q=0.1, text/plain",
    "text/plain;q=0.1, application/health+json",
    "APPLICATION/JSON",
    "application/*",
    "application/;;q=x,,",
]


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/livez", "/livez/"])
@pytest.mark.parametrize("broken", [False, True])
def test_it_says_what_the_middleware_says(
    path: str, method: str, accept: str | None, broken: bool
) -> None:
    if broken:
        lifecycle.mark_broken("why")
    expected = lower(by_middleware(path, method, accept))
    if method not in front.METHODS:
        # Django gives its empty 405 a type.
        assert expected[1].pop("content-type")
    assert lower(by_wsgi(path, method, accept)) == expected
    assert lower(by_asgi(path, method, accept)) == expected


REASON = b"unavailable\nlifecycle fail 0.0000 s broken: deadlock\n"


@pytest.mark.parametrize(
    ("header", "value", "body"),
    [
        ("X-Probe-Token", "s3cret", REASON),
        ("Authorization", "Bearer s3cret", REASON),
        ("Authorization", "Bearer guess", b"unavailable\n"),
        ("X-Probe-Token", "", b"unavailable\n"),
        ("X-Other", "s3cret", b"unavailable\n"),
    ],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_reason_is_for_whoever_holds_the_token(
    header: str, value: str, body: bytes, method: str, settings: Any
) -> None:
    settings.SCALEREADY = {"PROBE_TOKEN": "s3cret"}
    lifecycle.mark_broken("deadlock")
    name = f"HTTP_{header.upper().replace('-', '_')}"
    status, headers, told = by_wsgi("/livez", method, **{name: value})
    assert (status, headers["Content-Length"]) == (503, str(len(body)))
    assert told == (b"" if method == "HEAD" else body)
    raw = [(header.lower().encode(), value.encode())]
    start, sent = run_asgi(unreachable_soon, scope("/livez", method=method, headers=raw))
    assert (start["status"], sent["body"]) == (503, told)
    assert (b"content-length", str(len(body)).encode()) in start["headers"]


def test_alive_and_broken() -> None:
    assert by_wsgi("/livez")[0::2] == (200, b"ok\n")
    lifecycle.drain()
    assert by_wsgi("/livez")[0::2] == (200, b"ok\n")
    lifecycle.mark_broken("deadlock")
    assert by_wsgi("/livez")[0::2] == (503, b"unavailable\n")


@pytest.mark.parametrize("path", ["/", "/livezz", "/livez/x", "/readyz", "/startupz", "/LIVEZ"])
def test_everything_else_goes_through_untouched(path: str, settings: Any) -> None:
    # Where the project lets something else see a request first, that is asked about readiness, too.
    settings.MIDDLEWARE = ["django.middleware.common.CommonMiddleware", *settings.MIDDLEWARE]
    asked: list[Any] = []
    given = environ(path)

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        asked.append((environ, start_response))
        return [b"the application's"]

    assert front.wsgi(application)(given, unreachable) == [b"the application's"]
    assert asked == [(given, unreachable)]

    async def asynchronous(scope: Any, receive: Any, send: Any) -> None:
        asked.append((scope, receive))
        await send({"type": "http.response.start", "status": 204, "headers": [(b"a", b"b")]})

    message = {"type": "http.response.start", "status": 204, "headers": [(b"a", b"b")]}
    assert run_asgi(asynchronous, scope(path)) == [message]
    assert asked[1] == (scope(path), unreachable_soon)


@pytest.mark.parametrize("path", ["/readyz", "/startupz", "/healthz/"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_under_asgi_no_probe_takes_a_thread_of_django_s_handler(
    path: str, method: str, settings: Any
) -> None:
    settings.MIDDLEWARE = [front.MIDDLEWARE]
    start, body = run_asgi(unreachable_soon, scope(path, method=method))
    assert (start["status"] == 405) == (method == "POST")
    assert dict(start["headers"])[b"cache-control"] == b"no-store"
    assert bool(body["body"]) == (method == "GET")


def test_a_request_without_a_path_is_the_application_s() -> None:
    given = environ("/")
    del given["PATH_INFO"]
    assert front.wsgi(lambda *_: [b"x"])(given, unreachable) == [b"x"]


def test_below_a_prefix_that_the_server_has_taken_off() -> None:
    assert by_wsgi("/livez", SCRIPT_NAME="/app")[0] == 200
    assert by_asgi("/app/livez", root_path="/app")[0] == 200
    assert by_asgi("/livez", root_path="/app")[0] == 200


def test_what_is_no_request_goes_through() -> None:
    seen: list[str] = []

    async def application(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope["type"])

    for kind in ("lifespan", "websocket"):
        assert run_asgi(application, {"type": kind, "path": "/livez"}) == []
    assert seen == ["lifespan", "websocket"]


def test_the_list_of_headers_is_the_server_s_to_change() -> None:
    def spoil(_status: str, headers: list[tuple[str, str]]) -> None:
        headers.clear()

    front.wsgi(unreachable)(environ("/livez"), spoil)
    assert by_wsgi("/livez")[1]["Content-Length"] == "3"


async def ok(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"a", b"b")]})
    await send({"type": "http.response.body", "body": b"x"})


@pytest.mark.parametrize(
    ("draining", "version", "closes"),
    [(False, "1.1", False), (True, "1.1", True), (True, "1.0", True), (True, "2", False)],
)
@pytest.mark.parametrize("path", ["/", "/livez"])
def test_while_draining_asgi_closes_the_connection(
    draining: bool, version: str, closes: bool, path: str
) -> None:
    if draining:
        lifecycle.drain()
    start, body = run_asgi(ok, scope(path, http_version=version))
    assert ((b"connection", b"close") in start["headers"]) is closes
    assert body["body"]


def test_it_needs_no_settings() -> None:
    code = """
import sys
from django_scaleready.probes import front
started = []
app = front.wsgi(None)
print(app({"PATH_INFO": "/livez", "REQUEST_METHOD": "GET"}, lambda *args: None))
from django.conf import settings
print(settings.configured)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "(b'ok\\n',)\nFalse\n"


# A request looks after the connection that an earlier test has left to this thread.
@pytest.mark.django_db
def test_django_s_own_handler_can_be_wrapped() -> None:
    started: list[Any] = []
    application = front.wsgi(WSGIHandler())
    body = application(
        {**environ("/"), "SERVER_NAME": "testserver"}, lambda *args: started.append(args)
    )
    assert started[0][0] == "200 OK"
    assert b"".join(body) == b"home\n"
