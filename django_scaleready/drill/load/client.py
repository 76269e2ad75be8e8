"""One connection's worth of a client: sends a request once, says what came of it."""

from __future__ import annotations

import http.client
import json
import select
import socket
import time
from collections.abc import Mapping
from http.cookies import SimpleCookie
from io import BufferedReader
from typing import Any, cast
from urllib.parse import urlencode

from django_scaleready.drill.load.plan import Plan, Step
from django_scaleready.drill.recording import OK, Sample

# Any 32 letters: Django compares the header with the cookie, and both are ours.
_CSRF = "d" * 32
_SERVER_ERROR = 500

# In this order: a refused connection is a ConnectionError too.
_NAMES: tuple[tuple[type[Exception], str], ...] = (
    (TimeoutError, "timeout"),
    (ConnectionRefusedError, "refused"),
    (ConnectionError, "reset"),  # http.client.RemoteDisconnected is one of these
    (http.client.IncompleteRead, "truncated"),
    (http.client.HTTPException, "garbled"),
    (OSError, "unreachable"),
)
ERRORS = (OSError, http.client.HTTPException)


class _Head:
    """The lines of a head. ``http.client`` takes the end of a connection for the end of it."""

    def __init__(self, file: Any) -> None:
        self._file, self._begun = file, False

    def readline(self, limit: int) -> bytes:
        line: bytes = self._file.readline(limit)
        if not line.endswith(b"\n") and (line or self._begun):
            raise http.client.IncompleteRead(line)
        self._begun = True
        return line

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Response(http.client.HTTPResponse):
    def begin(self) -> None:
        whole = self.fp
        self.fp = cast("BufferedReader", _Head(whole))
        super().begin()
        if self.fp is not None:
            self.fp = whole


class _Connection(http.client.HTTPConnection):
    response_class = _Response


class WrongAnswerError(Exception):
    """An answer came, and it was not the right one; the text is the outcome."""


class Client:
    """Keeps one connection and, once signed in, cookies. Not for two threads at once."""

    def __init__(self, host: str, port: int, plan: Plan) -> None:
        self._plan = plan
        self._address = (host, port)
        self._kept: http.client.HTTPConnection | None = None
        self._cookies = {"csrftoken": _CSRF}
        self._mark = ""
        self._headers = {"X-CSRFToken": _CSRF, "Referer": f"https://{host}:{port}/"}
        if plan.proxy_header:
            name, value = plan.proxy_header
            self._headers[name.removeprefix("HTTP_").replace("_", "-")] = value

    def sign_in(self, mark: str) -> None:
        """Begin a session that bears ``mark``; an answer to it that lacks it is wrong.

        Raises one of ERRORS, or WrongAnswerError.
        """
        query = urlencode({"user": self._plan.user, "mark": mark})
        response, _ = self._send(Step("login", f"/.drill/login/?{query}", "POST"), "", fresh=True)
        if response.status != http.client.OK:
            raise WrongAnswerError(str(response.status))
        for header in response.headers.get_all("Set-Cookie", ()):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(header).items()}
        self._mark = mark

    def send(self, step: Step, id_: str, *, fresh: bool, zero: float) -> Sample:
        """Send one request; ``zero`` is the begin of the recording on the monotonic clock."""
        began = time.monotonic()
        replica = ""
        try:
            response, body = self._send(step, id_, fresh=fresh)
            replica = response.headers.get("X-Drill-Replica", "")
            outcome = self._judged(step, response.status, body)
        except ERRORS as error:
            outcome = next(name for kind, name in _NAMES if isinstance(error, kind))
            if not fresh:
                self._drop()
        seconds = time.monotonic() - began
        return Sample(began - zero, step.kind, step.path, replica, outcome, seconds, id_)

    def _send(self, step: Step, id_: str, *, fresh: bool) -> tuple[http.client.HTTPResponse, bytes]:
        connection = self._connected() if fresh else self._keep()
        headers, body = self._message(step, id_, fresh)
        try:
            connection.request(step.method, step.path, body, headers)
            response = connection.getresponse()
            return response, response.read()
        finally:
            if fresh:
                connection.close()

    def _keep(self) -> http.client.HTTPConnection:
        """The kept connection, or another one if the other side has closed it.

        Nothing was sent on that one since, so this repeats nothing; every client with a pool looks.
        """
        if self._kept is not None and (self._kept.sock is None or _readable(self._kept.sock)):
            self._drop()
        if self._kept is None:
            self._kept = self._connected()
        return self._kept

    def _connected(self) -> http.client.HTTPConnection:
        connection = _Connection(*self._address, timeout=self._plan.timeout)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def _message(self, step: Step, id_: str, fresh: bool) -> tuple[Mapping[str, str], bytes | None]:
        headers = dict(self._headers)
        cookies = self._cookies if step.session or step.kind == "login" else {"csrftoken": _CSRF}
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
        if fresh:
            headers["Connection"] = "close"
        if step.method != "POST":
            return headers, None
        headers["X-Drill-Id"] = id_
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return headers, urlencode(step.fields).encode()

    def _judged(self, step: Step, status: int, body: bytes) -> str:
        if status != step.status:
            return str(status)
        if step.contains and step.contains.encode() not in body:
            return "wrong"
        if step.kind == "session" and not self._knows_me(body):
            return "wrong"
        return OK

    def _knows_me(self, body: bytes) -> bool:
        try:
            told = json.loads(body)
        except ValueError:
            return False
        known = {"user": self._plan.user or None, "mark": self._mark}
        return all(told.get(name) == value for name, value in known.items())

    def _drop(self) -> None:
        if self._kept is not None:
            self._kept.close()
            self._kept = None


def _readable(sock: socket.socket) -> bool:
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(0))
