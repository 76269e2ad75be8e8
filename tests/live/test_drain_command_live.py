"""``manage.py scaleready drain`` beside real servers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.gunicorn_server import TESTS, Server, serve

from django_scaleready.drill.supervisor import Supervisor, bare_environment
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live


def drain(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "django", "scaleready", "drain", *arguments],
        env={
            **bare_environment(),
            "DJANGO_SETTINGS_MODULE": "support.drain_site",
            "PYTHONPATH": str(TESTS),
            **variables,
        },
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def pid_of(server: Server) -> str:
    return str(server.process.pid)


@pytest.mark.parametrize("worker", ["gthread", "asgi"])
def test_it_drains_waits_and_sigterm_does_not_wait_again(
    supervisor: Supervisor, worker: str
) -> None:
    server = serve(supervisor, worker, SCALEREADY_DRAIN="60", SITE_SCALEREADY="DRAIN=1.5")
    begun = time.monotonic()
    done = drain("--pid", pid_of(server))
    took = time.monotonic() - begun
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Draining the replica of process {pid_of(server)}: 1.5 s.\n")
    assert took > 1.5
    assert set(server.answering("/state", 2).values()) == {"draining"}
    assert server.get("/readyz").status_code == 503
    assert server.get("/fine").status_code == 200
    server.process.signal(signal.SIGTERM)
    server.ends(10)
    assert server.code == 0
    assert server.lines("Draining for") == []
    assert "cut short" not in server.lines("Drained for")[0]["message"]


def test_a_sigterm_that_comes_too_early_waits_for_the_rest(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", SCALEREADY_DRAIN="4")
    command = supervisor.process(
        "drain",
        [sys.executable, "-m", "django", "scaleready", "drain", "--pid", pid_of(server)],
        environment={
            "DJANGO_SETTINGS_MODULE": "support.drain_site", "PYTHONPATH": str(TESTS)
        },
    )  # fmt: skip
    command.start()
    until(lambda: server.get("/readyz").status_code == 503, 10, "readiness 503")
    begun = time.monotonic()
    until(lambda: time.monotonic() > begun + 1, 5, "a second of the four")
    server.process.signal(signal.SIGTERM)
    server.ends(15)
    assert time.monotonic() - begun > 3
    rest = float(server.lines("Draining for")[0]["message"].split()[2])
    assert 1 < rest <= 3
    # It ends with the server, at the latest.
    until(lambda: not command.running, 5, "the command's end")


def test_the_pidfile_is_enough(supervisor: Supervisor, tmp_path: Path) -> None:
    pidfile = tmp_path / "pid"
    server = serve(supervisor, "gthread", "--pid", str(pidfile), SITE_SCALEREADY="DRAIN=0.1")
    assert drain("--pidfile", str(pidfile)).returncode == 0
    assert server.get("/readyz").status_code == 503


def test_the_parent_of_the_one_that_serves_is_enough(supervisor: Supervisor) -> None:
    code = (
        "import time; from django_scaleready.replica_state import replica; replica.share();"
        " print(replica.shared, flush=True); time.sleep(60)"
    )
    # As granian's parent: a process that is not the replica, and waits for it.
    shell = supervisor.process("shell", ["/bin/sh", "-c", f"{sys.executable} -c '{code}'; true"])
    shell.start()
    until(lambda: "True" in shell.tail(), 30, "a child that shares its state")
    (child,) = shell.tree()[1:]
    done = drain("--pid", str(shell.pid), SCALEREADY_DRAIN="0.1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(f"Draining the replica of process {child.pid}: 0.1 s.\n")


def test_of_several_servers_none_is_chosen(supervisor: Supervisor) -> None:
    servers = [serve(supervisor, "gthread", name=name) for name in ("one", "two")]
    done = drain()
    assert done.returncode == 1
    assert "Several servers run here" in done.stderr
    # The masters, and no worker.
    named = done.stderr.partition("here: ")[2].partition(".")[0].split(", ")
    assert set(named) >= {pid_of(server) for server in servers}
    workers = {str(pid) for server in servers for pid in server.workers()}
    assert not workers & set(named)
    assert {server.get("/readyz").status_code for server in servers} == {200}


def test_a_server_without_the_kit_is_named_and_left_alone(supervisor: Supervisor) -> None:
    server = serve(supervisor, "gthread", "--no-control-socket", config=())
    done = drain("--pid", pid_of(server))
    assert done.returncode == 1
    assert done.stderr == (
        f"CommandError: Process {pid_of(server)} cannot be drained, nothing was done: start it"
        " with -c python:django_scaleready.gunicorn, or as the pages on uWSGI and ASGI say.\n"
    )
    assert server.get("/fine").status_code == 200


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pid", str(2**22 + 1)], "There is no process 4194305."),
        (["--pidfile", "/nowhere"], "--pidfile /nowhere: No such file or directory."),
        (["--pidfile", os.devnull], "--pidfile /dev/null: there is no process number in it."),
        (["--pid", "1", "--pidfile", "/x"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_found_is_named(arguments: list[str], said: str) -> None:
    done = drain(*arguments)
    assert done.returncode != 0
    assert said in done.stderr
