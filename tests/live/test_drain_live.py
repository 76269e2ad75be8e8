"""The drain of every worker class of gunicorn: real processes, real signals."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import pytest
from support.gunicorn_server import CLASSES, KEEPING, Server, beside, kept, serve

from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

each_class = pytest.mark.parametrize("worker", CLASSES)
DRAINING = "Draining for"
DRAINED = "Drained for"
# Seconds. All that is asked during the drain has to be asked by then, on a busy machine, too.
DRAIN = 8.0
IN_FLIGHT = 11.0
# For what takes one or two; far below what would have been waited for in vain.
PATIENCE = 30


def drain_begins(server: Server) -> float:
    """Send SIGTERM and return when readiness says so; after how many seconds."""
    begun = time.monotonic()
    server.process.signal(signal.SIGTERM)
    until(lambda: server.get("/readyz").status_code == 503, PATIENCE, "readiness 503", pause=0)
    return time.monotonic() - begun


# -- From SIGTERM to the end, undisturbed --


@dataclass
class Life:
    """What was seen of one replica; seconds since SIGTERM."""

    server: Server
    unready: float = 0.0
    stopped: float = 0.0
    before: set[str] = field(default_factory=set)
    states: dict[int, str] = field(default_factory=dict)
    on_kept: httpx.Response | None = None
    answers: list[httpx.Response] = field(default_factory=list)
    liveness: str = ""
    asked_until: float = 0.0
    in_flight: int = 0


def live(supervisor: Supervisor, worker: str) -> Life:
    # A request in flight ends after the drain, and is waited for.
    server = serve(supervisor, worker, name=worker, SCALEREADY_DRAIN=str(DRAIN))
    life = Life(server)
    with ThreadPoolExecutor(1) as pool, contextlib.ExitStack() as stack:
        life.before = set(server.answering("/state", 2).values())
        in_flight = pool.submit(server.get, f"/slow?seconds={IN_FLIGHT}")
        idle = [stack.enter_context(kept(server)) for _ in range(6 * (worker in KEEPING))]
        begun = time.monotonic()
        life.unready = drain_begins(server)
        # One of two sync workers is busy.
        life.states = server.answering("/state", 1 if worker == "sync" else 2)
        life.on_kept = idle[0].get("/fine") if idle else None
        life.answers = [server.get("/fine", method) for method in ("GET", "POST") * 5]
        life.liveness = server.get("/livez").text
        life.asked_until = time.monotonic() - begun
        life.in_flight = in_flight.result().status_code
        server.ends(PATIENCE)
        life.stopped = time.monotonic() - begun
    return life


@pytest.fixture(scope="module")
def lives() -> Iterator[dict[str, Future[Life]]]:
    yield from beside(live)


@each_class
def test_readiness_fails_in_every_worker_at_once(
    lives: dict[str, Future[Life]], worker: str
) -> None:
    life = lives[worker].result()
    assert life.before == {"serving"}
    assert life.unready < DRAIN / 2
    assert set(life.states.values()) == {"draining"}


@each_class
def test_everything_else_is_served(lives: dict[str, Future[Life]], worker: str) -> None:
    life = lives[worker].result()
    assert {answer.status_code for answer in life.answers} == {200}
    assert life.liveness == "ok\n"
    assert life.in_flight == 200
    assert life.asked_until < DRAIN, "the machine is too slow for this test"


@each_class
def test_a_connection_ends_with_the_answer(lives: dict[str, Future[Life]], worker: str) -> None:
    life = lives[worker].result()
    assert {answer.headers.get("connection") for answer in life.answers} == {"close"}
    if worker in KEEPING:
        assert life.on_kept is not None
        assert (life.on_kept.status_code, life.on_kept.headers["connection"]) == (200, "close")


@each_class
def test_then_it_stops_and_idle_connections_do_not_hold_it(
    lives: dict[str, Future[Life]], worker: str
) -> None:
    life = lives[worker].result()
    # Up to 1 s until a worker looks, 2 s for what may be on its way on an idle connection; half of
    # graceful_timeout, for which they would hold it, on a machine that is busy.
    assert DRAIN < life.stopped < DRAIN + 12
    assert life.server.code == 0


@each_class
def test_the_log_is_the_same_for_all(lives: dict[str, Future[Life]], worker: str) -> None:
    server = lives[worker].result().server
    assert "Traceback" not in server.process.log.read_text()
    (line,) = [line for line in server.lines("GET /slow 200") if line["level"] == "INFO"]
    wrote = "uvicorn" if worker == "uvicorn" else "gunicorn"
    assert (line["logger"], line["status"]) == (f"{wrote}.access", 200)
    assert (line["method"], line["path"], line["remote"]) == ("GET", "/slow", "127.0.0.1")
    assert server.lines("/readyz") == []
    assert "seconds=" not in server.process.log.read_text()


@each_class
def test_one_line_for_each_step(lives: dict[str, Future[Life]], worker: str) -> None:
    server = lives[worker].result().server
    assert [len(server.lines(text)) for text in (DRAINING, DRAINED, "Stopped")] == [1, 1, 1]
    told = re.fullmatch(
        r"Drained for ([\d.]+) s; stopping, up to \d+ s for requests in flight",
        server.lines(DRAINED)[0]["message"],
    )
    assert told
    assert DRAIN <= float(told[1]) < DRAIN + 2


def test_without_the_kit_they_hold_it_for_all_of_graceful_timeout(supervisor: Supervisor) -> None:
    arguments = ("--graceful-timeout", "5", "--keep-alive", "75", "--no-control-socket")
    server = serve(supervisor, "asgi", *arguments, config=())
    with kept(server):
        server.process.signal(signal.SIGTERM)
        assert server.ends(PATIENCE) > 4.9


# -- Workers that die, and a second SIGTERM --


@dataclass
class Rough:
    """What was seen of a replica whose workers were killed while it drained."""

    server: Server
    before: set[int]
    after: dict[int, str]
    stopped: float


def roughly(supervisor: Supervisor, worker: str) -> Rough:
    server = serve(supervisor, worker, name=worker, SCALEREADY_DRAIN="60")
    before = set(server.answering("/state", 2))
    drain_begins(server)
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    until(lambda: len(server.workers() - before) == 2, PATIENCE, "new workers")
    after = server.answering("/state", 2)
    server.process.signal(signal.SIGTERM)
    return Rough(server, before, after, server.ends(PATIENCE))


@pytest.fixture(scope="module")
def rough_ones() -> Iterator[dict[str, Future[Rough]]]:
    yield from beside(roughly)


@each_class
def test_a_worker_that_dies_during_the_drain_is_replaced(
    rough_ones: dict[str, Future[Rough]], worker: str
) -> None:
    rough = rough_ones[worker].result()
    assert not set(rough.after) & rough.before
    assert set(rough.after.values()) == {"draining"}


@each_class
def test_a_second_sigterm_skips_the_wait(rough_ones: dict[str, Future[Rough]], worker: str) -> None:
    rough = rough_ones[worker].result()
    assert rough.stopped < PATIENCE
    assert rough.server.code == 0
    assert "cut short by a second SIGTERM" in rough.server.lines(DRAINED)[0]["message"]


# -- Other signals --


@pytest.mark.parametrize(("worker", "draining"), [("gthread", True), ("asgi", False)])
def test_a_reload_changes_nothing(supervisor: Supervisor, worker: str, draining: bool) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN=str(DRAIN))
    before = set(server.answering("/state", 2))
    if draining:
        begun = time.monotonic() - drain_begins(server)
    server.process.signal(signal.SIGHUP)
    until(lambda: server.workers() and not server.workers() & before, PATIENCE, "new workers only")
    if not draining:
        begun = time.monotonic() - drain_begins(server)
    assert set(server.answering("/state", 2).values()) == {"draining"}
    server.ends(PATIENCE)
    assert time.monotonic() - begun > DRAIN - 0.1
    assert server.code == 0


@pytest.mark.parametrize("worker", ["gthread", "asgi", "uvicorn"])
def test_no_worker_is_recycled_during_the_drain(supervisor: Supervisor, worker: str) -> None:
    server = serve(supervisor, worker, "--max-requests", "20", SCALEREADY_DRAIN="60")
    before = server.both()
    drain_begins(server)
    # More than twice the number that each may serve, and longer than a claim takes.
    begun = time.monotonic()
    asked = 0
    while asked < 100 or time.monotonic() - begun < 2:
        assert server.get("/fine").status_code == 200
        asked += 1
    assert server.workers() == before
    server.process.signal(signal.SIGTERM)
    server.ends(PATIENCE)
    assert server.code == 0


@pytest.mark.parametrize("option", ["--preload", "--reload"])
def test_preload_and_reload(supervisor: Supervisor, option: str) -> None:
    server = serve(supervisor, "gthread", option, SCALEREADY_DRAIN="5")
    begun = time.monotonic() - drain_begins(server)
    assert set(server.answering("/state", 2).values()) == {"draining"}
    server.ends(PATIENCE)
    assert time.monotonic() - begun > 4.9
    assert server.code == 0


def test_the_project_s_figures_win_over_the_environment_s(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "gthread",
        SCALEREADY_DRAIN="60", SITE_SCALEREADY="DRAIN=0.5 GRACE_PERIOD=19",
    )  # fmt: skip
    server.process.signal(signal.SIGTERM)
    server.ends(PATIENCE)
    message = server.lines(DRAINED)[0]["message"]
    assert message.endswith("stopping, up to 16 s for requests in flight")


def test_the_command_line_wins_over_both(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "gthread", "--graceful-timeout", "4",
        SCALEREADY_DRAIN="0.2", SITE_SCALEREADY="GRACE_PERIOD=19",
    )  # fmt: skip
    server.process.signal(signal.SIGTERM)
    server.ends(PATIENCE)
    assert "up to 4 s" in server.lines(DRAINED)[0]["message"]


def test_no_drain_while_another_master_serves_the_same_sockets(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    pidfile = tmp_path / "pid"
    server = serve(supervisor, "gthread", "--pid", str(pidfile), SCALEREADY_DRAIN="30")
    server.process.signal(signal.SIGUSR2)
    new = tmp_path / "pid.2"
    until(new.exists, PATIENCE, "the second master")
    successor = psutil.Process(int(new.read_text()))
    try:
        until(lambda: len(successor.children()) == 2, PATIENCE, "its workers")
        server.process.signal(signal.SIGTERM)
        server.ends(PATIENCE)
        assert server.lines("Not drained, because another master")
        assert server.get("/readyz").status_code == 200
    finally:
        for process in [*successor.children(), successor]:
            process.kill()


def test_a_drain_of_no_length_is_gunicorn_s_own_stop(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", SCALEREADY_DRAIN="0")
    server.process.signal(signal.SIGTERM)
    server.ends(PATIENCE)
    assert server.lines(DRAINING) == []
    assert server.code == 0


def test_a_configuration_that_leaves_our_hooks_out_is_told_so(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    own = tmp_path / "own.py"
    own.write_text(
        "from django_scaleready.gunicorn import *\n"
        "def when_ready(server): pass\ndef pre_fork(server, worker): pass\n"
    )
    server = serve(supervisor, "gthread", "--workers", "1", config=("-c", str(own)))
    assert "hooks.when_ready" in server.wait_for_line("SIGTERM does not drain")["message"]
    server.process.signal(signal.SIGTERM)
    server.ends(PATIENCE)


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
    # A connection is closed when the answer has been sent, so the last one may still be open.
    until(lambda: open_databases(server, database) == 0, 10, "the end of the last connection")


def test_without_the_kit_they_pile_up(supervisor: Supervisor, tmp_path: Path) -> None:
    database = tmp_path / "db"
    server = serve(
        supervisor, "asgi", "--no-control-socket", config=(), SITE_DATABASE=str(database)
    )
    for _ in range(20):
        assert server.get("/query").status_code == 200
    assert open_databases(server, database) > 2
