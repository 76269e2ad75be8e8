"""Workers that have served their number of requests, replaced under load: nothing is cut."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from support.gunicorn_server import serve

from django_scaleready.drill.clock import Clock
from django_scaleready.drill.load.generator import Load
from django_scaleready.drill.load.plan import Plan, Step
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import answers
from django_scaleready.drill.supervisor import Supervisor

pytestmark = pytest.mark.live

TESTS = Path(__file__).resolve().parent.parent
# Kept connections and new ones; some wait while others are answered.
PLAN = Plan([Step("get", "/fine", weight=9), Step("slow", "/slow?seconds=0.1")], rate=100)
RECYCLED = 6


def under_load(supervisor: Supervisor, url: str, process: Process, line: str) -> None:
    """Send requests until so many workers have ended; none of the requests may fail."""
    load = Load(supervisor, PLAN, url, Clock())
    load.start()
    process.wait_until(
        lambda: process.log.read_text(errors="replace").count(line) >= RECYCLED,
        60,
        f"{RECYCLED} workers that ended",
    )
    samples = load.stop()
    assert [sample for sample in samples if sample.failed] == []


@pytest.mark.parametrize(
    ("worker", "line"),
    [("uvicorn", "another process takes over"), ("asgi", "Autorestarting worker")],
)
def test_under_gunicorn(supervisor: Supervisor, worker: str, line: str) -> None:
    server = serve(
        supervisor, worker, "--max-requests", "80", "--max-requests-jitter", "40",
    )  # fmt: skip
    under_load(supervisor, f"http://{HOST}:{server.port}", server.process, line)


def test_uvicorn_by_itself(supervisor: Supervisor) -> None:
    port = supervisor.port()
    process = supervisor.process(
        "uvicorn",
        [sys.executable, "-m", "uvicorn", "--port", str(port), "--workers", "2",
         "--limit-max-requests", "80", "--limit-max-requests-jitter", "40",
         "support.asgi_site:application"],
        directory=TESTS,
        environment={
            "DJANGO_SETTINGS_MODULE": "support.drain_site",
            "LOG_FORMAT": "json",
            "PYTHONPATH": str(TESTS),
            "SCALEREADY_DRAIN": "0",
        },
    )  # fmt: skip
    process.start()
    url = f"http://{HOST}:{port}"
    process.wait_until(lambda: answers(f"{url}/readyz"), 30, "200 from /readyz")
    under_load(supervisor, url, process, "another process takes over")
