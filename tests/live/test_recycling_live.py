"""Workers that have served their number of requests, replaced under load: nothing is cut."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
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

pytestmark = [pytest.mark.live, pytest.mark.alone]

TESTS = Path(__file__).resolve().parent.parent
# Kept connections and new ones; some wait while others are answered.
# Who waits for a worker to load, on a machine that is busy, has lost nothing.
PLAN = Plan(
    [Step("get", "/fine", weight=9), Step("slow", "/slow?seconds=0.1")], rate=100, timeout=30.0
)
# Both workers, and who took their places.
RECYCLED = 4
# Every request is answered at once, if there is somebody to answer it.
QUICK = Plan([Step("get", "/fine")], rate=100)
LOADS = 4.0
# Servers that are recycled beside each other: most of it is waiting for workers to load.
BESIDE = 3


def under_load(supervisor: Supervisor, name: str, url: str, process: Process, line: str) -> None:
    """Send requests until so many workers have ended; none of the requests may fail."""
    load = Load(supervisor, PLAN, url, Clock(), f"load of {name}")
    load.start()
    process.wait_until(
        lambda: process.log.read_text(errors="replace").count(line) >= RECYCLED,
        60,
        f"{RECYCLED} workers that ended",
    )
    samples = load.stop()
    assert [sample for sample in samples if sample.failed] == []


def under_gunicorn(supervisor: Supervisor, name: str, *, worker: str, line: str) -> None:
    server = serve(
        supervisor, worker, "--max-requests", "80", "--max-requests-jitter", "40", name=name,
    )  # fmt: skip
    under_load(supervisor, name, f"http://{HOST}:{server.port}", server.process, line)


def one_worker_at_a_time(supervisor: Supervisor, name: str, *, worker: str) -> None:
    """Both have served their number at once, and a new one takes seconds to load."""
    server = serve(
        supervisor, worker, "--max-requests", "40", "--max-requests-jitter", "0",
        name=name, SITE_LOADS=str(LOADS),
    )  # fmt: skip
    before = server.both()
    load = Load(supervisor, QUICK, f"http://{HOST}:{server.port}", Clock(), f"load of {name}")
    load.start()
    until(lambda: not server.workers() & before, 60, "two other workers", pause=0.2)
    samples = load.stop()
    assert [sample for sample in samples if sample.failed] == []
    # With both away everybody waits for one to load.
    assert max(sample.seconds for sample in samples) < LOADS


def a_configuration_with(supervisor: Supervisor, name: str, *, hook: str) -> None:
    """A hook of its own takes the place of the kit's."""
    config = supervisor.folder(f"configuration of {name}") / "gunicorn.conf.py"
    config.write_text(f"from django_scaleready.gunicorn import *\ndef {hook}: pass\n")
    server = serve(
        supervisor, "gthread", "--max-requests", "5", "--max-requests-jitter", "0",
        name=name, config=("-c", str(config)),
    )  # fmt: skip
    before = server.both()

    def replaced() -> bool:
        assert server.get("/fine").status_code == 200
        return not server.workers() & before

    until(replaced, 30, "two other workers", pause=0)


def uvicorn_by_itself(supervisor: Supervisor, name: str) -> None:
    port = supervisor.port()
    process = supervisor.process(
        name,
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
    under_load(supervisor, name, url, process, "another process takes over")


# The long ones first.
SCENARIOS: dict[str, Callable[[Supervisor, str], None]] = {
    "uvicorn": partial(under_gunicorn, worker="uvicorn", line="another process takes over"),
    "uvicorn by itself": uvicorn_by_itself,
    "uvicorn, one at a time": partial(one_worker_at_a_time, worker="uvicorn"),
    "gthread, one at a time": partial(one_worker_at_a_time, worker="gthread"),
    "asgi": partial(under_gunicorn, worker="asgi", line="Autorestarting worker"),
    "a hook before requests": partial(a_configuration_with, hook="pre_request(worker, request)"),
    "a hook of workers": partial(a_configuration_with, hook="post_worker_init(worker)"),
}


@pytest.fixture(scope="module")
def runs() -> Iterator[dict[str, Future[None]]]:
    """All of them, some at a time."""
    with Supervisor() as supervisor, ThreadPoolExecutor(BESIDE) as pool:
        yield {name: pool.submit(run, supervisor, name) for name, run in SCENARIOS.items()}


@pytest.mark.parametrize("name", SCENARIOS)
def test_recycling(runs: dict[str, Future[None]], name: str) -> None:
    runs[name].result()
