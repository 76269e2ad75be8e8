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
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

TESTS = Path(__file__).resolve().parent.parent
# Kept connections and new ones; some wait while others are answered.
PLAN = Plan([Step("get", "/fine", weight=9), Step("slow", "/slow?seconds=0.1")], rate=100)
RECYCLED = 6
# Every request is answered at once, if there is somebody to answer it.
QUICK = Plan([Step("get", "/fine")], rate=100)
LOADS = 4.0


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


@pytest.mark.parametrize("worker", ["gthread", "uvicorn"])
def test_one_worker_at_a_time(supervisor: Supervisor, worker: str) -> None:
    """Both have served their number at once, and a new one takes seconds to load."""
    server = serve(
        supervisor, worker, "--max-requests", "40", "--max-requests-jitter", "0",
        SITE_LOADS=str(LOADS),
    )  # fmt: skip
    before = server.workers()
    load = Load(supervisor, QUICK, f"http://{HOST}:{server.port}", Clock())
    load.start()
    until(lambda: not server.workers() & before, 60, "two other workers")
    samples = load.stop()
    assert [sample for sample in samples if sample.failed] == []
    # With both away everybody waits for one to load.
    assert max(sample.seconds for sample in samples) < LOADS


@pytest.mark.parametrize("hook", ["pre_request(worker, request)", "post_worker_init(worker)"])
def test_a_configuration_with_a_hook_of_its_own(
    supervisor: Supervisor, tmp_path: Path, hook: str
) -> None:
    config = tmp_path / "gunicorn.conf.py"
    config.write_text(f"from django_scaleready.gunicorn import *\ndef {hook}: pass\n")
    server = serve(
        supervisor, "gthread", "--max-requests", "5", "--max-requests-jitter", "0",
        config=("-c", str(config)),
    )  # fmt: skip
    before = server.workers()

    def replaced() -> bool:
        assert server.get("/fine").status_code == 200
        return not server.workers() & before

    until(replaced, 30, "two other workers", pause=0)


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
