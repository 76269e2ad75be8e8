"""Gunicorn and Django through the kit's LOGGING, seen from the other end of stdout."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.live

TESTS = Path(__file__).resolve().parent.parent
Line = dict[str, Any]


@dataclass
class Replica:
    """One gunicorn with the pipe that it writes to; nothing is read unless a test does."""

    process: subprocess.Popen[bytes]
    client: httpx.Client
    port: int
    text: bytes = field(default=b"")

    def read(self, patience: float = 0.1) -> list[Line]:
        """Every line so far, each of which has to be JSON."""
        assert self.process.stdout is not None
        pipe = self.process.stdout.fileno()
        while select.select([pipe], [], [], patience)[0]:
            chunk = os.read(pipe, 1 << 16)
            if not chunk:
                break
            self.text += chunk
        return [json.loads(line) for line in self.text.splitlines()]

    def wait_for(self, wanted: Callable[[Line], bool], seconds: float = 10) -> list[Line]:
        deadline = time.monotonic() + seconds
        while not (found := [line for line in self.read() if wanted(line)]):
            assert time.monotonic() < deadline, self.text.decode()
        return found


@contextlib.contextmanager
def serve(*arguments: str, interface: str = "wsgi", **variables: str) -> Iterator[Replica]:
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(TESTS),
        "DJANGO_SETTINGS_MODULE": "support.logging_site",
        "SCALEREADY_DRAIN": "0",
        "WEB_CONCURRENCY": "2",
        **variables,
    }
    with socket.create_server(("127.0.0.1", 0)) as listener:
        # gunicorn sets it on sockets that it opened itself; without it an answer takes 44 ms.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:django_scaleready.gunicorn",
             "--bind", f"fd://{listener.fileno()}", *arguments,
             f"django.core.{interface}:get_{interface}_application()"],
            env=environment, pass_fds=[listener.fileno()],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip
        port = listener.getsockname()[1]
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=20) as client:
                assert client.get("/livez").status_code == 200
                yield Replica(process, client, port)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the workers too, however they hang
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with serve() as running:
        yield running


def about(path: str, logger: str) -> Callable[[Line], bool]:
    return lambda line: line.get("path") == path and line["logger"] == logger


def test_a_500_is_one_line_with_its_traceback(replica: Replica) -> None:
    assert replica.client.get("/boom?token=s3cr3t").status_code == 500
    replica.wait_for(about("/boom", "gunicorn.access"))
    (error,) = [line for line in replica.read() if "exc_info" in line]
    assert error["logger"] == "django.request"
    assert error["level"] == "ERROR"
    assert error["message"] == "Internal Server Error: /boom"
    assert error["status_code"] == 500
    assert error["exc_info"].startswith("Traceback (most recent call last):\n")
    assert error["exc_info"].endswith("RuntimeError: first line\nsecond line")
    assert "s3cr3t" not in replica.text.decode()


def test_the_access_log_has_one_line_a_request(replica: Replica) -> None:
    before = len([line for line in replica.read() if line.get("path") == "/fine"])
    replica.client.get(
        "/fine?token=s3cr3t", headers={"X-Request-ID": "abc", "User-Agent": "probe/1"}
    )
    (line,) = replica.wait_for(about("/fine", "gunicorn.access"))[before:]
    assert line["message"] == "GET /fine 200"
    assert (line["method"], line["status"], line["bytes"]) == ("GET", 200, 5)
    assert (line["request_id"], line["remote"]) == ("abc", "127.0.0.1")
    assert 0 < line["duration_ms"] < 10_000
    assert replica.read() == replica.read(0.5)
    assert "s3cr3t" not in replica.text.decode()


def test_a_404_is_told_by_django_and_by_gunicorn_once_each(replica: Replica) -> None:
    replica.client.get("/nothing")
    replica.wait_for(about("/nothing", "gunicorn.access"))
    found = [line["logger"] for line in replica.read() if line.get("path") == "/nothing"]
    assert sorted(found) == ["django.request", "gunicorn.access"]


def test_a_warning_is_a_line(replica: Replica) -> None:
    replica.client.get("/warn")
    (line,) = replica.wait_for(lambda line: line["logger"] == "py.warnings")
    assert "RuntimeWarning: this is old" in line["message"]
    assert line["level"] == "WARNING"


def test_extras_are_fields(replica: Replica) -> None:
    replica.client.get("/talk")
    (line,) = replica.wait_for(lambda line: line["logger"] == "site")
    assert line["amount"] == 3
    assert line["who"].startswith("<object object")


def test_a_probe_is_logged_by_what_it_found_and_not_as_a_request(replica: Replica) -> None:
    assert replica.client.get("/livez/").status_code == 200
    assert replica.client.head("/livez").status_code == 200
    assert replica.client.get("/readyz").status_code == 503
    (line,) = replica.wait_for(lambda line: line["logger"] == "django_scaleready.probes")[:1]
    assert line["message"].startswith("startup fail")
    paths = {line.get("path") for line in replica.read() if line["logger"] == "gunicorn.access"}
    assert not paths & {"/livez", "/livez/", "/readyz"}


def test_gunicorn_speaks_the_same_language(replica: Replica) -> None:
    booted = replica.wait_for(
        lambda line: line["logger"] == "gunicorn.error" and "Booting worker" in line["message"]
    )
    assert len({line["message"] for line in booted}) == len(booted) == 2


def test_every_time_is_utc_and_now(replica: Replica) -> None:
    replica.client.get("/fine")
    replica.wait_for(about("/fine", "gunicorn.access"))
    today = time.strftime("%Y-%m-%dT", time.gmtime())
    yesterday = time.strftime("%Y-%m-%dT", time.gmtime(time.time() - 86_400))
    for line in replica.read():
        assert line["timestamp"].endswith("Z")
        assert line["timestamp"].startswith((today, yesterday))
    hours = int(replica.read()[-1]["timestamp"][11:13]) - time.gmtime().tm_hour
    assert hours in {0, -1, 23}


def test_the_level_quiets_the_access_log() -> None:
    with serve(LOG_LEVEL="ERROR") as replica:
        replica.client.get("/fine")
        replica.client.get("/boom")
        replica.wait_for(lambda line: line["logger"] == "django.request")
        assert {line["level"] for line in replica.read(0.5)} == {"ERROR"}


def test_the_worker_class_asgi_logs_the_same_fields() -> None:
    with serve("-k", "asgi", "--keep-alive", "2", interface="asgi") as replica:
        replica.client.get("/fine?token=s3cr3t", headers={"X-Request-ID": "abc"})
        replica.client.get("/livez")
        replica.client.get("/nothing")
        replica.wait_for(about("/nothing", "gunicorn.access"))
        (line,) = replica.wait_for(about("/fine", "gunicorn.access"))
        assert (line["method"], line["status"], line["request_id"]) == ("GET", 200, "abc")
        assert line["duration_ms"] > 0
        assert "s3cr3t" not in replica.text.decode()
        assert "/livez" not in replica.text.decode()


@pytest.mark.parametrize("worker", ["sync", "gthread"])
def test_a_pipe_that_nobody_reads_stalls_neither_requests_nor_the_end(worker: str) -> None:
    with serve("-k", worker) as replica:
        slowest = 0.0
        for _ in range(700):  # three times what fits into the pipe
            start = time.monotonic()
            assert replica.client.get("/boom").status_code == 500
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 2
        replica.client.close()
        start = time.monotonic()
        replica.process.send_signal(signal.SIGTERM)
        replica.process.wait(15)
        assert replica.process.returncode == 0
        assert time.monotonic() - start < 10


def test_when_the_reader_is_back_the_loss_is_told() -> None:
    with serve(WEB_CONCURRENCY="1") as replica:
        for _ in range(300):
            replica.client.get("/boom")
        # The reader was away: what it gets first may end in a line that was cut.
        assert replica.process.stdout is not None
        kept = b""
        while select.select([replica.process.stdout], [], [], 0.5)[0]:
            kept += os.read(replica.process.stdout.fileno(), 1 << 16)
        assert replica.client.get("/fine").status_code == 200
        # The last request is logged after it was answered: the report may be among what was kept.
        lines = [json.loads(line) for line in kept.splitlines() if b'"dropped"' in line]
        lines = lines or replica.wait_for(lambda line: "dropped" in line)
        assert sum(line["dropped"] for line in lines) > 100
        assert {line["level"] for line in lines} == {"WARNING"}
        assert replica.wait_for(about("/fine", "gunicorn.access"))
