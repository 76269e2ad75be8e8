"""Every request of one session on another replica."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Mapping, Sequence
from http.cookies import CookieError, SimpleCookie
from typing import Any

import httpx

from django_scaleready.drill.faults.base import Fault
from django_scaleready.drill.promises import Observation, Promise
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.waiting import NotInTimeError, until

_PREFIX = "/.drill"
_SECONDS = 10.0
# A log line is written at once; some other thread may still have to do it.
_LOG_SECONDS = 3.0
_FILE_BYTES = 200_000


class Visitor:
    """One browser. It sends each cookie to each replica: to a browser they are one site.

    ``headers`` says that the balancer ended TLS, where the project asks for it: a cookie marked
    secure would be kept back otherwise.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._headers = dict(headers)
        self._cookies: dict[str, str] = {}

    def send(self, method: str, url: str, **content: Any) -> httpx.Response:
        """Send one request and keep the cookies of its answer."""
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        headers = {**self._headers, **({"Cookie": cookie} if cookie else {})}
        response = httpx.request(method, url, headers=headers, timeout=_SECONDS, **content)
        for line in response.headers.get_list("set-cookie"):
            with contextlib.suppress(CookieError):
                self._cookies |= {name: m.value for name, m in SimpleCookie(line).items()}
        return response


class Hop(Fault):
    """Tells one replica something and asks all the others for it."""

    name = "hop"
    title = "Each request on another replica"
    promise = Promise(
        "What one replica was told, all others know; what each logs can be read from outside.",
        "A balancer sends each request where it likes, and a replica may be gone the next minute."
        " Whatever only one of them has is lost for the others, and then for all.",
    )

    def __init__(
        self, replicas: Sequence[Replica], user: str, headers: Mapping[str, str] | None = None
    ) -> None:
        self._first, *self._others = replicas
        self._user = user
        self._headers = headers or {}
        self._seen: list[Observation] = []

    def inject(self) -> None:
        """Try each kind of state in turn."""
        for topic, what, attempt in (
            ("row", "a row of the database", self._row),
            ("session", "a session", self._session),
            ("upload", "an uploaded file", self._upload),
            ("cache", "a cached value", self._cache),
            ("log", "log lines", self._log),
        ):
            try:
                lost = attempt()
            except httpx.HTTPError as error:
                lost = f"{type(error).__name__}: {error}"
            if lost is not None:
                self._seen.append(Observation(topic, what, lost or "on all replicas", not lost))

    def observations(self) -> Sequence[Observation]:
        """A line for each kind of state that the project has."""
        return self._seen

    def _ask(self, visitor: Visitor, method: str, on: Replica, path: str, **content: Any) -> Any:
        response = visitor.send(method, f"{on.url}{_PREFIX}{path}", **content)
        if response.status_code == httpx.codes.NOT_FOUND:
            return None
        response.raise_for_status()
        return response

    def _everywhere(self, known: Callable[[Replica], str]) -> str:
        """ "" if all the others know it, else who does not and what they say."""
        lost = [(other.name, said) for other in self._others if (said := known(other))]
        return f"{lost[0][1]} on {', '.join(name for name, _ in lost)}" if lost else ""

    def _row(self) -> str | None:
        visitor, path = Visitor(self._headers), f"/row/?name=drill-{secrets.token_hex(6)}"
        if self._ask(visitor, "POST", self._first, path) is None:
            return None  # no table that is known
        return self._everywhere(
            lambda other: "" if self._ask(visitor, "GET", other, path) else "not there"
        )

    def _session(self) -> str | None:
        visitor, mark = Visitor(self._headers), secrets.token_hex(8)
        path = f"/login/?user={self._user}&mark={mark}"
        told = self._ask(visitor, "POST", self._first, path).json()
        if told["mark"] != mark:
            return None  # no sessions

        def known(other: Replica) -> str:
            says = self._ask(visitor, "GET", other, "/session/").json()
            return "" if says == told else f"signed in on {self._first.name}, a stranger"

        return self._everywhere(known)

    def _upload(self) -> str | None:
        visitor, body = Visitor(self._headers), secrets.token_bytes(_FILE_BYTES)
        name = f"drill-{secrets.token_hex(6)}.bin"
        path = f"/upload/?name={name}"
        stored = self._ask(visitor, "POST", self._first, path, content=body).json()
        if not stored["used"]:
            return None

        def known(other: Replica) -> str:
            answer = self._ask(visitor, "GET", other, f"/upload/?name={stored['name']}")
            if answer is None:
                return "not there"
            return "" if answer.content == body else "other bytes"

        return self._everywhere(known)

    def _cache(self) -> str | None:
        visitor, key = Visitor(self._headers), f"drill-{secrets.token_hex(6)}"
        path = f"/cache/?key={key}"
        if self._ask(visitor, "POST", self._first, f"{path}&value=known").text == "undeclared":
            return None  # Who does not mention a cache hardly relies on one.
        return self._everywhere(
            lambda other: (
                "" if self._ask(visitor, "GET", other, path).text == "known" else "not there"
            )
        )

    def _log(self) -> str | None:
        lost = [name for name in map(self._unread, (self._first, *self._others)) if name]
        return lost[0] if lost else ""

    def _unread(self, replica: Replica) -> str:
        """Which loggers' lines do not reach a replica's stdout or stderr."""
        mark = f"drill-{secrets.token_hex(8)}"
        told = self._ask(Visitor(self._headers), "POST", replica, f"/log/?text={mark}").json()

        def missing() -> list[str]:
            text = replica.process.log.read_text(errors="replace")
            return [name for name in told if f"{mark}:{name};" not in text]

        with contextlib.suppress(NotInTimeError):
            until(lambda: not missing(), _LOG_SECONDS, "the lines in the log")
        if not (lost := missing()):
            return ""
        named = ", ".join(f"{name} ({told[name]})" for name in lost)
        return f"of {len(told)} loggers {len(lost)} do not reach stdout: {named}"
