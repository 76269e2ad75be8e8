"""One gunicorn of any worker class, serving ``support.drain_site``."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import httpx

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.project import records
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

T = TypeVar("T")
TESTS = Path(__file__).resolve().parent.parent
WSGI = "django.core.wsgi:get_wsgi_application()"
ASGI = "django.core.asgi:get_asgi_application()"
# Not ``-m gunicorn``: after SIGUSR2 it runs as a file, and its folder hides the module ``http``.
GUNICORN = Path(sys.executable).with_name("gunicorn")
# With more than one thread gunicorn makes a gthread worker of a sync one.
CLASSES = {
    "sync": ("-k", "sync", "--threads", "1", WSGI),
    "gthread": ("-k", "gthread", WSGI),
    "gevent": ("-k", "gevent", WSGI),
    "asgi": ("-k", "asgi", ASGI),
    "uvicorn": ("-k", "uvicorn_worker.UvicornWorker", ASGI),
}
KEEPING = [name for name in CLASSES if name != "sync"]
OURS = ("-c", "python:django_scaleready.gunicorn")


@dataclass(frozen=True)
class Server:
    """A gunicorn that serves; each request of ``get`` has a connection of its own."""

    process: Process
    port: int

    def get(self, path: str, method: str = "GET", seconds: float = 20) -> httpx.Response:
        # Without ``verify`` each call would read the certificates of all authorities first.
        url = f"http://{HOST}:{self.port}{path}"
        return httpx.request(method, url, timeout=seconds, verify=False)

    def workers(self) -> set[int]:
        """The processes that the master has at the moment."""
        return {process.pid for process in self.process.tree()[1:]}

    def both(self) -> set[int]:
        """Its two workers, once it has both: the first may answer before the second is forked."""

        def two() -> set[int]:
            return found if len(found := self.workers()) == 2 else set()

        return self.process.wait_until(two, 30, "two workers")

    def answering(self, path: str, count: int, seconds: float = 30) -> dict[int, str]:
        """Ask until ``count`` workers have answered; what each said last, by its process."""
        said: dict[int, str] = {}

        def ask() -> bool:
            with contextlib.suppress(httpx.TransportError):
                pid, _, rest = self.get(path).text.strip().partition(" ")
                said[int(pid)] = rest
            return len(said) >= count

        until(ask, seconds, f"{count} workers that answer {path}", pause=0)
        return said

    def lines(self, text: str) -> list[dict[str, Any]]:
        """The records of the log that have a text in their message."""
        return [line for line in records(self.process) if text in str(line.get("message"))]

    def wait_for_line(self, text: str, seconds: float = 30) -> dict[str, Any]:
        """The one record with a text, once it is there."""
        found = self.process.wait_until(lambda: self.lines(text), seconds, f"the line {text!r}")
        assert len(found) == 1, found
        return found[0]

    def ends(self, seconds: float) -> float:
        """Wait for the end of the master; return after how many seconds it came."""
        begun = time.monotonic()
        until(lambda: not self.process.running, seconds, f"the end. {self.process.tail()}")
        return time.monotonic() - begun

    @property
    def code(self) -> int:
        """What the master returned, once it has ended."""
        assert self.process._popen is not None
        return self.process._popen.wait(5)


def serve(
    supervisor: Supervisor,
    worker: str,
    *arguments: str,
    config: tuple[str, ...] = OURS,
    name: str = "server",
    **variables: str,
) -> Server:
    """Start a gunicorn with two workers and return when it serves."""
    port = supervisor.port()
    *options, application = CLASSES[worker]
    process = supervisor.process(
        name,
        [GUNICORN, *config, "--bind", f"{HOST}:{port}",
         *options, *arguments, application],
        environment={
            "DJANGO_SETTINGS_MODULE": "support.drain_site",
            "PYTHONPATH": str(TESTS),
            "SCALEREADY_DRAIN": "0.2",
            "WEB_CONCURRENCY": "2",
            **variables,
        },
    )  # fmt: skip
    process.start()
    server = Server(process, port)
    process.wait_until(lambda: _serves(server), 60, "an answer")
    return server


def _serves(server: Server) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return server.get("/readyz").status_code in {200, 404}
    return False


@contextlib.contextmanager
def kept(server: Server, path: str = "/fine") -> Iterator[httpx.Client]:
    """A connection that has carried one request and is idle now."""
    with httpx.Client(base_url=f"http://{HOST}:{server.port}", timeout=30) as client:
        assert client.get(path).status_code == 200
        yield client


def beside(scenario: Callable[[Supervisor, str], T]) -> Iterator[dict[str, Future[T]]]:
    """For a fixture: run a scenario for every class at once, most of each being waiting."""
    with Supervisor() as supervisor, ThreadPoolExecutor(len(CLASSES)) as pool:
        yield {worker: pool.submit(scenario, supervisor, worker) for worker in CLASSES}
