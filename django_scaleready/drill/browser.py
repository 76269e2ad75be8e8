"""Somebody who uses the project, and whom a balancer sends to another replica each time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self

import httpx

_MOST_REDIRECTS = 5

Files = Mapping[str, tuple[str, bytes, str]]


class Browser:
    """Keeps cookies, follows redirects, and sends each request to the next replica in turn.

    A replica that refuses the connection is passed over, as a balancer does it: nothing was sent
    yet. Any other error is the caller's. Cookies belong to a host and not to a port, so all the
    replicas on loopback get them.
    """

    def __init__(self, urls: Sequence[str], *, timeout: float = 10.0) -> None:
        self._count = len(urls)
        self._turns = itertools.cycle(urls)
        # Without keep-alive: a balancer's connections to a replica are not the client's.
        self._client = httpx.Client(
            timeout=timeout, limits=httpx.Limits(max_keepalive_connections=0)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def get(self, path: str, *, on: str = "") -> httpx.Response:
        """GET a path from the replica ``on``, by default the next one, and follow redirects."""
        return self._follow(self._send("GET", path, on))

    def submit(
        self,
        path: str,
        fields: Mapping[str, str],
        files: Files | None = None,
        *,
        form: str = "",
        on: str = "",
    ) -> httpx.Response:
        """Get a form from one replica, POST it to another, follow the redirect to a third.

        ``form`` is the page it stands on, by default the path that it is sent to.
        """
        self.get(form or path, on=on).raise_for_status()
        token = self._client.cookies.get("csrftoken") or ""
        fields = {**fields, "csrfmiddlewaretoken": token}
        return self._follow(self._send("POST", path, on, data=fields, files=files))

    def _follow(self, response: httpx.Response) -> httpx.Response:
        for _ in range(_MOST_REDIRECTS):
            if not response.has_redirect_location:
                return response
            response = self._send("GET", response.headers["Location"], "")
        raise httpx.TooManyRedirects(f"More than {_MOST_REDIRECTS}", request=response.request)

    def _send(self, method: str, path: str, on: str, **content: Any) -> httpx.Response:
        if "://" in path or on:
            return self._client.request(method, path if "://" in path else on + path, **content)
        for _ in range(self._count - 1):
            try:
                return self._client.request(method, next(self._turns) + path, **content)
            except httpx.ConnectError:
                continue
        return self._client.request(method, next(self._turns) + path, **content)
