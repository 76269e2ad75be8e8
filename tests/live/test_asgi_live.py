"""uvicorn and granian without gunicorn: real processes, real signals."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Set
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import httpx
import pytest

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import answers
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

TESTS = Path(__file__).resolve().parent.parent
SERVERS = {
    "uvicorn": ("uvicorn",),
    "uvicorn without lifespan": ("uvicorn", "--lifespan", "off"),
    "uvicorn, two workers": ("uvicorn", "--workers", "2"),
    "granian": ("granian", "--interface", "asgi"),
    "granian without lifespan": ("granian", "--interface", "asginl"),
    "granian, two workers": ("granian", "--interface", "asgi", "--workers", "2"),
}


@dataclass(frozen=True)
class Served:
    process: Process
    url: str
    environment: dict[str, str]

    def get(self, path: str) -> httpx.Response:
        # Without ``verify`` each call would read the certificates of all authorities first.
        return httpx.get(self.url + path, timeout=15, verify=False)

    def send(self, path: str) -> HTTPConnection:
        """Send a request and do not wait for the answer."""
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=20)
        connection.request("GET", path)
        return connection

    def states(self) -> dict[int, str]:
        """What each worker says that answers one of a few requests."""
        said = (self.get("/state").text.split() for _ in range(8))
        return {int(pid): state for pid, state in said}

    def workers(self, number: int, accept: Set[str], seconds: float) -> set[int]:
        """Return so many, once each of them has been asked and says something acceptable."""
        said: dict[int, str] = {}

        def all_of_them() -> bool:
            said.update(self.states())
            return len(said) == number and set(said.values()) <= accept

        until(all_of_them, seconds, f"{number} workers that say one of {accept}")
        return set(said)

    def says(self, text: str) -> bool:
        return text in self.process.log.read_text(errors="replace")

    def wait_for_the_end(self, seconds: float) -> None:
        until(lambda: not self.process.running, seconds, "the server's end")


def serve(supervisor: Supervisor, server: str, *options: str, **variables: str) -> Served:
    port = supervisor.port()
    environment = {
        "DJANGO_SETTINGS_MODULE": "support.drain_site",
        "LOG_FORMAT": "json",
        "PYTHONPATH": str(TESTS),
        **variables,
    }
    process = supervisor.process(
        "asgi",
        [sys.executable, "-m", *SERVERS[server], "--port", str(port), *options,
         "support.asgi_site:application"],
        directory=TESTS,
        environment=environment,
    )  # fmt: skip
    process.start()
    url = f"http://{HOST}:{port}"
    process.wait_until(lambda: answers(f"{url}/readyz"), 30, "200 from /readyz")
    return Served(process, url, environment)


@pytest.mark.parametrize("server", SERVERS)
def test_sigterm_fails_readiness_until_a_second_skips_the_drain(
    supervisor: Supervisor, server: str
) -> None:
    served = serve(supervisor, server, SCALEREADY_DRAIN="60")
    number = 2 if "two" in server else 1
    # Without a master each passes the gate by itself, when it is asked.
    served.workers(number, {"starting", "serving"}, 10)
    served.process.signal(signal.SIGTERM)
    # uvicorn's parent looks at its signals twice a second.
    pids = served.workers(number, {"draining"}, 10)
    assert served.get("/readyz").status_code == 503
    assert served.get("/livez").status_code == 200
    assert served.get("/fine").headers["Connection"] == "close"
    asked = served.send("/slow?seconds=1.5")
    # To the workers: their parent waits for them and passes nothing on any more.
    for pid in pids:
        os.kill(pid, signal.SIGTERM)
    assert asked.getresponse().status == 200
    served.wait_for_the_end(6)
    assert served.says("cut short by a second SIGTERM")
    assert not served.says("unsupported")


@pytest.mark.parametrize("server", ["uvicorn", "granian"])
def test_the_drain_ends_by_itself(supervisor: Supervisor, server: str) -> None:
    served = serve(supervisor, server, SCALEREADY_DRAIN="0.7")
    served.process.signal(signal.SIGTERM)
    served.wait_for_the_end(6)
    assert served.says("Drained for 0.7 s; stopping")


def test_uvicorn_gives_up_what_does_not_end(supervisor: Supervisor) -> None:
    served = serve(supervisor, "uvicorn", SCALEREADY_DRAIN="0", SCALEREADY_GRACEFUL_TIMEOUT="1")
    asked = served.send("/slow?seconds=60")
    assert served.get("/fine").status_code == 200  # asked later, and answered
    served.process.signal(signal.SIGTERM)
    served.wait_for_the_end(6)
    asked.close()
    assert served.says("timeout graceful shutdown exceeded")


def test_what_was_chosen_for_uvicorn_stays(supervisor: Supervisor) -> None:
    served = serve(supervisor, "uvicorn", "--timeout-keep-alive", "1", SCALEREADY_DRAIN="0")
    with httpx.Client(base_url=served.url) as client:
        client.get("/fine")
        (connection,) = client._transport._pool.connections  # type: ignore[attr-defined]
        until(connection.has_expired, 4, "the end of an idle connection")


def test_a_pre_stop_hook_drains_a_single_process(supervisor: Supervisor) -> None:
    served = serve(supervisor, "uvicorn", SCALEREADY_DRAIN="0.5")
    done = subprocess.run(
        [sys.executable, "-m", "django", "scaleready", "drain", "--pid", str(served.process.pid)],
        env=served.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert set(served.states().values()) == {"draining"}
    served.process.signal(signal.SIGTERM)
    served.wait_for_the_end(3)
    assert served.says("Drained for")
