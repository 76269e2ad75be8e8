"""uWSGI, started as documented, serving the site of the drain's tests."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import psutil

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.project import records
from django_scaleready.drill.replicas import Replica, answers
from django_scaleready.drill.servers import server
from django_scaleready.drill.supervisor import Supervisor

TESTS = Path(__file__).resolve().parent.parent
APPLICATION = "django.core.wsgi:get_wsgi_application()"


class UWSGI:
    """A replica of two workers with ``options`` of uWSGI and ``variables`` of its environment."""

    def __init__(
        self, supervisor: Supervisor, *options: str, name: str = "uwsgi", **variables: str
    ) -> None:
        port = supervisor.port()
        self.url = f"http://{HOST}:{port}"
        self.process = supervisor.process(
            name,
            [*server("uwsgi").argv(sys.executable, APPLICATION, port), *options],
            directory=TESTS,
            environment=environment(variables),
        )
        self.replica = Replica(name, self.url, self.process)

    def start(self) -> None:
        """Start it; return when both workers have passed the gate."""
        self.process.start()
        self.process.wait_until(lambda: answers(f"{self.url}/readyz"), 30, "200 from /readyz")
        self.workers()

    def get(self, path: str, timeout: float = 15) -> httpx.Response:
        # Without ``verify`` each call would read the certificates of all authorities first.
        return httpx.get(self.url + path, timeout=timeout, verify=False)

    def send(self, path: str) -> HTTPConnection:
        """Send a request and do not wait for the answer."""
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        connection.request("GET", path)
        return connection

    def states(self, times: int = 12) -> set[tuple[int, str]]:
        """Who says what of the replica's state; one worker may answer every time."""
        said = (self.get("/state").text.split() for _ in range(times))
        return {(int(pid), state) for pid, state in said}

    def says(self, text: str) -> bool:
        return text in self.process.log.read_text(errors="replace")

    def records(self) -> list[dict[str, Any]]:
        return records(self.process)

    def answering(self) -> list[int]:
        """The pids of workers that have loaded the site; one may answer every time."""
        return sorted(int(pid) for pid in {self.get("/fine").text for _ in range(12)})

    def workers(self) -> list[int]:
        """The pids of both workers, asked until each has answered."""

        def both() -> list[int]:
            return seen if len(seen := self.answering()) == 2 else []

        return self.process.wait_until(both, 20, "an answer of each of two workers")

    def keeper(self) -> psutil.Process:
        """The mule: the one child of the master that serves nothing."""
        workers = self.workers()
        (mule,) = (p for p in self.process.tree()[1:] if p.pid not in workers)
        return mule


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    return {
        "DJANGO_SETTINGS_MODULE": "support.drain_site",
        "LOG_FORMAT": "json",
        "PYTHONPATH": str(TESTS),
        "WEB_CONCURRENCY": "2",
        **variables,
    }
