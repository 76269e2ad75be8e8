"""What the drill adds to a project's middleware: a name, a count, a few addresses of its own."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponseBase

from django_scaleready.drill.inside import addresses
from django_scaleready.drill.inside.order import current

REPLICA_HEADER = "X-Drill-Replica"
ID_HEADER = "X-Drill-Id"

Answer = HttpResponseBase | Awaitable[HttpResponseBase]


class _Both:
    """Sync under WSGI, async under ASGI: a change between the two costs each request a thread."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        self.is_async = iscoroutinefunction(get_response)
        if self.is_async:
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> Answer:
        return self.answer_async(request) if self.is_async else self.answer(request)

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        raise NotImplementedError

    async def answer_async(self, request: HttpRequest) -> HttpResponseBase:
        raise NotImplementedError


class NameReplica(_Both):
    """Says in a header who answered."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self.name = current().replica

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Name the replica in the answer."""
        return self._named(self.get_response(request))

    async def answer_async(self, request: HttpRequest) -> HttpResponseBase:
        """Do the same under ASGI."""
        return self._named(await self.get_response(request))

    def _named(self, response: HttpResponseBase) -> HttpResponseBase:
        # Set, not kept: a page from a shared cache bears the name of whoever stored it.
        response[REPLICA_HEADER] = self.name
        return response


class CountPosts(_Both):
    """Writes down the id of each POST that is about to reach a view, and answers ``/.drill/``."""

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        super().__init__(get_response)
        self.counter = _Counter()
        # Django moves a view hook that is not async to a thread, for each request.
        self.process_view: Callable[..., Any] = self._view_async if self.is_async else self._view

    def answer(self, request: HttpRequest) -> HttpResponseBase:
        """Answer one of the drill's own addresses, or pass the request on."""
        if own := addresses.find(request):
            self._view(request)
            return own(request)
        response: HttpResponseBase = self.get_response(request)
        return response

    async def answer_async(self, request: HttpRequest) -> HttpResponseBase:
        """Do the same under ASGI."""
        if own := addresses.find(request):
            self._view(request)
            return await addresses.call_async(own, request)
        response: HttpResponseBase = await self.get_response(request)
        return response

    def _view(self, request: HttpRequest, *_view: object) -> None:
        if request.method == "POST" and (id_ := request.headers.get(ID_HEADER)):
            self.counter.add(id_)

    async def _view_async(self, request: HttpRequest, *_view: object) -> None:
        self._view(request)


class _Counter:
    """A file for each process, opened by the first POST: a fork must not share it."""

    def __init__(self) -> None:
        order = current()
        self._folder = Path(order.directory, "executed")
        self._name = order.replica
        self._pid, self._file = 0, -1

    def add(self, id_: str) -> None:
        """Append an id by one write, which the kernel keeps even if the process is killed next."""
        if self._pid != os.getpid():
            self._folder.mkdir(exist_ok=True)
            path = self._folder / f"{self._name}-{os.getpid()}"
            self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            # Last: another thread that sees it writes to the file at once.
            self._pid = os.getpid()
        os.write(self._file, f"{id_}\n".encode())
