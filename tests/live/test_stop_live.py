"""The end of gunicorn without a drain, and what its master says at the start."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest
from support.gunicorn_server import CLASSES, beside, kept, serve

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

# For what takes one or two; far below what would have been waited for in vain.
PATIENCE = 30


@pytest.mark.parametrize(
    ("number", "draining"), [(signal.SIGINT, False), (signal.SIGINT, True), (signal.SIGQUIT, True)]
)
def test_int_and_quit_stop_at_once(
    supervisor: Supervisor, number: signal.Signals, draining: bool
) -> None:
    server = serve(supervisor, "gthread", SCALEREADY_DRAIN="60", SCALEREADY_GRACEFUL_TIMEOUT="60")
    if draining:
        server.process.signal(signal.SIGTERM)
        until(lambda: server.get("/readyz").status_code == 503, PATIENCE, "readiness 503")
    # gunicorn 27 deadlocks, until it is killed, if the signal meets a connection that opens or
    # closes: ``handle_quit`` takes the lock of the thread pool in the signal handler.
    with kept(server):
        server.process.signal(number)
        server.ends(PATIENCE)


def interrupted(supervisor: Supervisor, worker: str) -> list[float]:
    """Seconds from SIGINT, and from SIGQUIT, to the end of a replica with requests in flight."""
    took = []
    for number in (signal.SIGINT, signal.SIGQUIT):
        server = serve(supervisor, worker, name=f"{worker}-{number.name}")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(server.get, f"/slow?seconds={PATIENCE}")
            server.wait_for_line("a thread waits")
            server.process.signal(number)
            took.append(server.ends(PATIENCE))
            assert server.code == 0
            # Ended: a sync worker says so by a 500.
            assert asked.exception(PATIENCE) or asked.result().status_code == 500
    return took


@pytest.fixture(scope="module")
def interruptions() -> Iterator[dict[str, Future[list[float]]]]:
    yield from beside(interrupted)


@pytest.mark.parametrize("worker", CLASSES)
def test_int_and_quit_wait_for_no_request(
    interruptions: dict[str, Future[list[float]]], worker: str
) -> None:
    assert max(interruptions[worker].result()) < PATIENCE / 3


def test_gevent_with_preload_is_told_what_breaks(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gevent", "--preload")
    line = server.wait_for_line("they share a database connection")
    assert line["level"] == "ERROR"
