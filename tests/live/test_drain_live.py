"""The drain of every worker class of gunicorn: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest
from support.gunicorn_server import CLASSES, KEEPING, Server, kept, serve

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

each_class = pytest.mark.parametrize("worker", CLASSES)
DRAINING = "Draining for"
DRAINED = "Drained for"


def drain_begins(server: Server) -> float:
    """Send SIGTERM and return when the workers know."""
    begun = time.monotonic()
    server.process.signal(signal.SIGTERM)
    until(lambda: server.get("/readyz").status_code == 503, 5, "readiness 503", pause=0)
    return begun


@each_class
def test_a_replica_drains_serves_and_stops(supervisor: Supervisor, worker: str) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="2")
    assert set(server.answering("/state", 2).values()) == {"serving"}
    with ThreadPoolExecutor(1) as pool:
        in_flight = pool.submit(server.get, "/slow?seconds=3")
        begun = drain_begins(server)
        assert time.monotonic() - begun < 0.7
        # One of two sync workers is busy.
        known = server.answering("/state", 1 if worker == "sync" else 2)
        assert set(known.values()) == {"draining"}
        answers = [server.get("/fine", method) for method in ("GET", "POST") * 5]
        assert {answer.status_code for answer in answers} == {200}
        assert {answer.headers.get("connection") for answer in answers} == {"close"}
        assert server.get("/livez").text == "ok\n"
        assert time.monotonic() - begun < 2, "the machine is too slow for this test"
        assert in_flight.result().status_code == 200
    server.ends(10)
    assert 2.9 < time.monotonic() - begun < 7
    assert server.code == 0
    assert [len(server.lines(text)) for text in (DRAINING, DRAINED, "Stopped")] == [1, 1, 1]
    assert server.lines(DRAINED)[0]["message"].startswith("Drained for 2.0 s; stopping")


@pytest.mark.parametrize("worker", KEEPING)
def test_idle_connections_do_not_hold_the_exit(supervisor: Supervisor, worker: str) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="0.2")
    with contextlib.ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(kept(server))
        server.process.signal(signal.SIGTERM)
        # The drain, up to 1 s until a worker looks, 2 s for what may be on its way.
        assert server.ends(15) < 6


def test_without_the_kit_they_hold_it_for_all_of_graceful_timeout(supervisor: Supervisor) -> None:
    arguments = ("--graceful-timeout", "7", "--keep-alive", "75", "--no-control-socket")
    server = serve(supervisor, "asgi", *arguments, config=())
    with kept(server):
        server.process.signal(signal.SIGTERM)
        assert server.ends(15) > 6.9


@pytest.mark.parametrize("worker", KEEPING)
def test_a_kept_connection_is_closed_by_the_answer_and_not_under_a_request(
    supervisor: Supervisor, worker: str
) -> None:
    server = serve(supervisor, worker)
    with kept(server) as client:
        drain_begins(server)
        answer = client.get("/fine")
        assert (answer.status_code, answer.headers["connection"]) == (200, "close")
    server.ends(10)


@each_class
def test_a_second_sigterm_skips_the_wait(supervisor: Supervisor, worker: str) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="30")
    drain_begins(server)
    server.process.signal(signal.SIGTERM)
    assert server.ends(10) < 5
    assert "cut short by a second SIGTERM" in server.lines(DRAINED)[0]["message"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGQUIT])
@pytest.mark.parametrize("draining", [False, True])
def test_int_and_quit_stop_at_once(
    supervisor: Supervisor, number: signal.Signals, draining: bool
) -> None:
    server = serve(supervisor, "gthread", SCALEREADY_DRAIN="30")
    if draining:
        drain_begins(server)
    # gunicorn 27 deadlocks, until graceful_timeout, if the signal meets a connection that opens or
    # closes: ``handle_quit`` takes the lock of the thread pool in the signal handler.
    with kept(server):
        server.process.signal(number)
        assert server.ends(10) < 3


@each_class
def test_a_worker_that_dies_during_the_drain_is_replaced(
    supervisor: Supervisor, worker: str
) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="30")
    before = server.answering("/state", 2)
    drain_begins(server)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(server.workers() - set(before)) == 2, 10, "new workers")
    after = server.answering("/state", 2)
    assert not set(after) & set(before)
    assert set(after.values()) == {"draining"}
    server.process.signal(signal.SIGTERM)
    server.ends(10)
    assert server.code == 0


@pytest.mark.parametrize("draining", [False, True])
@pytest.mark.parametrize("worker", ["gthread", "asgi"])
def test_a_reload_changes_nothing(supervisor: Supervisor, worker: str, draining: bool) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="3")
    before = set(server.answering("/state", 2))
    if draining:
        begun = drain_begins(server)
    server.process.signal(signal.SIGHUP)
    until(lambda: server.workers() and not server.workers() & before, 10, "new workers only")
    if not draining:
        begun = drain_begins(server)
    assert set(server.answering("/state", 2).values()) == {"draining"}
    server.ends(10)
    assert 2.9 < time.monotonic() - begun < 7
    assert server.code == 0


@pytest.mark.parametrize("worker", ["gthread", "asgi"])
def test_recycled_workers_are_replaced_during_the_drain(
    supervisor: Supervisor, worker: str
) -> None:
    server = serve(supervisor, worker, "--max-requests", "5", SCALEREADY_DRAIN="30")
    drain_begins(server)
    # Each of the first two is gone after five requests.
    assert set(server.answering("/state", 4, 20).values()) == {"draining"}
    server.process.signal(signal.SIGTERM)
    server.ends(10)
    assert server.code == 0


@pytest.mark.parametrize("option", ["--preload", "--reload"])
def test_preload_and_reload(supervisor: Supervisor, option: str) -> None:
    server = serve(supervisor, "gthread", option)
    begun = drain_begins(server)
    assert set(server.answering("/state", 2).values()) == {"draining"}
    server.ends(10)
    assert 1 <= time.monotonic() - begun < 5
    assert server.code == 0


def test_the_project_s_figures_win_over_the_environment_s(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "gthread",
        SCALEREADY_DRAIN="60", SITE_SCALEREADY="DRAIN=0.5 GRACE_PERIOD=19",
    )  # fmt: skip
    server.process.signal(signal.SIGTERM)
    assert server.ends(10) < 5
    assert server.lines(DRAINED)[0]["message"] == (
        "Drained for 0.5 s; stopping, up to 16 s for requests in flight"
    )


def test_the_command_line_wins_over_both(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "gthread", "--graceful-timeout", "4",
        SCALEREADY_DRAIN="0.2", SITE_SCALEREADY="GRACE_PERIOD=19",
    )  # fmt: skip
    server.process.signal(signal.SIGTERM)
    server.ends(10)
    assert "up to 4 s" in server.lines(DRAINED)[0]["message"]


def test_no_drain_while_another_master_serves_the_same_sockets(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    pidfile = tmp_path / "pid"
    server = serve(supervisor, "gthread", "--pid", str(pidfile), SCALEREADY_DRAIN="30")
    server.process.signal(signal.SIGUSR2)
    new = tmp_path / "pid.2"
    until(new.exists, 10, "the second master")
    successor = psutil.Process(int(new.read_text()))
    try:
        until(lambda: len(successor.children()) == 2, 10, "its workers")
        server.process.signal(signal.SIGTERM)
        assert server.ends(10) < 5
        assert server.lines("Not drained, because another master")
        assert server.get("/readyz").status_code == 200
    finally:
        for process in [*successor.children(), successor]:
            process.kill()


def test_while_it_starts_a_sigterm_is_gunicorn_s_own(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", SCALEREADY_DRAIN="0")
    server.process.signal(signal.SIGTERM)
    assert server.ends(10) < 3
    assert server.lines(DRAINING) == []
    assert server.code == 0


def open_databases(server: Server, database: Path) -> int:
    """How many descriptors of the workers are open on a SQLite file: one a connection."""
    return sum(
        file.path == str(database)
        for process in server.process.tree()[1:]
        for file in process.open_files()
    )


@pytest.mark.parametrize("worker", ["asgi", "uvicorn"])
def test_under_asgi_connections_end_with_the_request(
    supervisor: Supervisor, worker: str, tmp_path: Path
) -> None:
    database = tmp_path / "db"
    server = serve(supervisor, worker, SITE_DATABASE=str(database))
    for _ in range(20):
        assert server.get("/query").status_code == 200
    assert open_databases(server, database) == 0


def test_without_the_kit_they_pile_up(supervisor: Supervisor, tmp_path: Path) -> None:
    database = tmp_path / "db"
    server = serve(
        supervisor, "asgi", "--no-control-socket", config=(), SITE_DATABASE=str(database)
    )
    for _ in range(20):
        assert server.get("/query").status_code == 200
    assert open_databases(server, database) > 2


def test_a_client_without_a_proxy_loses_nothing_over_a_drain(supervisor: Supervisor) -> None:
    """Keeps its connections past the balancer, as a client of a Kubernetes Service does."""
    server = serve(supervisor, "gthread")
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client:
        assert client.get("/fine").status_code == 200
        begun = drain_begins(server)
        while time.monotonic() - begun < 0.9:
            assert client.get("/fine").status_code == 200
    server.ends(10)
