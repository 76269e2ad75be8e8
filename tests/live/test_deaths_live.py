"""What the log says of a worker that hung, crashed or was killed."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from support.gunicorn_server import CLASSES, Server, beside, serve

from django_scaleready.drill.project import records
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

IMPATIENT = ("--timeout", "3")
ASYNCHRONOUS = ("asgi", "uvicorn")


def ask(server: Server, path: str) -> threading.Thread:
    """Send a request of which nobody expects an answer."""

    def send() -> None:
        with contextlib.suppress(httpx.TransportError):
            server.get(path, seconds=15)

    thread = threading.Thread(target=send, daemon=True)
    thread.start()
    return thread


@dataclass
class Hang:
    """What was seen of a replica of which one worker hung, with the interpreter's lock."""

    server: Server
    line: dict[str, Any]
    left: set[int]


def hang(supervisor: Supervisor, worker: str) -> Hang:
    server = serve(supervisor, worker, *IMPATIENT, name=worker)
    before = set(server.answering("/fine", 2))
    ask(server, "/hang?seconds=15" if worker in ASYNCHRONOUS else "/hang-sync?seconds=15")
    line = server.wait_for_line("had not answered its master for 3 s")
    # Gone, and replaced.
    until(lambda: len(server.workers() - before) == 1, 30, "a successor")
    return Hang(server, line, server.workers() & before)


@pytest.fixture(scope="module")
def hangs() -> Iterator[dict[str, Future[Hang]]]:
    yield from beside(hang)


@pytest.mark.parametrize("worker", CLASSES)
def test_a_hung_worker_leaves_what_its_threads_did(
    hangs: dict[str, Future[Hang]], worker: str
) -> None:
    hung = hangs[worker].result()
    assert hung.line["level"] == "CRITICAL"
    assert "hang_here" in hung.line["stack_info"]
    assert len(hung.left) == 1
    # One line: all of the log is JSON.
    text = hung.server.process.log.read_text()
    assert len(records(hung.server.process)) == len(text.splitlines())


@pytest.mark.parametrize("worker", ["gthread", "asgi"])
def test_a_crash_is_named(supervisor: Supervisor, worker: str) -> None:
    server = serve(supervisor, worker)
    ask(server, "/crash")
    line = server.wait_for_line("crashed with SIGSEGV")
    assert line["level"] == "CRITICAL"
    assert "string_at" in line["stack_info"]


def test_a_worker_killed_from_outside_is_named(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread")
    (pid, *_) = server.answering("/fine", 2)
    os.kill(pid, signal.SIGKILL)
    line = server.wait_for_line(f"(pid:{pid}) was killed by SIGKILL from outside")
    assert line["level"] == "ERROR"
    assert "stack_info" not in line


def test_nothing_is_said_of_workers_that_were_asked_to_end(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", "--max-requests", "3", SCALEREADY_DRAIN="0.5")
    server.answering("/fine", 4)
    before = server.workers()
    server.process.signal(signal.SIGHUP)
    until(lambda: server.workers() and not server.workers() & before, 30, "new workers only")
    server.process.signal(signal.SIGTERM)
    server.ends(30)
    assert [line for line in records(server.process) if line["level"] != "INFO"] == []


@pytest.mark.parametrize("worker", ["sync", "gthread", "asgi", "uvicorn"])
def test_a_worker_that_outlasts_graceful_timeout_leaves_what_it_did(
    supervisor: Supervisor, worker: str
) -> None:
    server = serve(supervisor, worker, "--graceful-timeout", "3", SCALEREADY_DRAIN="0")
    ask(server, "/slow?seconds=20")
    server.wait_for_line("a thread waits")
    server.process.signal(signal.SIGTERM)
    assert server.ends(30) < 15
    (line,) = server.lines("had not ended within 3 s of the stop and was ended")
    assert line["level"] == "CRITICAL"
    assert "in slow" in line["stack_info"]
    assert server.lines("from outside") == server.lines("crashed") == []


def test_threads_that_never_come_free_are_shown_once(supervisor: Supervisor) -> None:
    server = serve(
        supervisor, "gthread", *IMPATIENT, "--workers", "1", "--threads", "2"
    )  # fmt: skip
    asked = [ask(server, "/slow?seconds=6") for _ in range(2)]
    line = server.wait_for_line("has had no free thread for 3 s")
    assert line["level"] == "ERROR"
    assert line["stack_info"].count("in slow") == 2
    for thread in asked:
        thread.join(15)
    # Neither killed nor told again.
    assert server.get("/fine").status_code == 200
    assert len(server.lines("no free thread")) == 1
    assert server.lines("had not answered") == []


def test_a_queue_that_moves_is_load_and_nothing_else(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", *IMPATIENT, "--workers", "1", "--threads", "1")
    asked = [ask(server, "/slow?seconds=0.4") for _ in range(10)]
    for thread in asked:
        thread.join(15)
    assert server.lines("no free thread") == []


def memory_group() -> Path | None:
    """Where a control group with a limit can be made: root's, and seldom a container's."""
    old, new = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup")
    if (old / "memory.limit_in_bytes").exists() and os.access(old, os.W_OK):
        return old
    control = new / "cgroup.subtree_control"
    may = control.exists() and "memory" in control.read_text() and os.access(new, os.W_OK)
    return new if may else None


# Not skipped elsewhere: it would be one more program that CI has to have, and it is a kernel.
if GROUP := memory_group():

    @pytest.fixture
    def tight() -> Iterator[Path]:
        """A control group with 64 MiB."""
        folder = GROUP / f"scaleready-{os.getpid()}"
        folder.mkdir()
        for name in ("memory.limit_in_bytes", "memory.max"):
            if (folder / name).exists():
                (folder / name).write_text(str(64 * 2**20))
        yield folder
        until(lambda: not (folder / "cgroup.procs").read_text(), 30, "an empty control group")
        folder.rmdir()

    def test_a_worker_killed_for_memory_is_named(tight: Path, tmp_path: Path) -> None:
        with Supervisor() as supervisor:  # it ends before the group does
            server = serve(supervisor, "gthread")
            for process in server.process.tree():
                (tight / "cgroup.procs").write_text(str(process.pid))
            ask(server, "/eat")
            line = server.wait_for_line("was killed by the kernel")
            assert line["message"].endswith("out of memory (limit 64 MiB)")
            assert server.get("/fine").status_code == 200
