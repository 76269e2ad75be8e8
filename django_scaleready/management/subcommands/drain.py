"""``manage.py scaleready drain``: have the replica leave its balancer, and wait; for preStop hooks.

Readiness answers 503 in every worker from now on, everything else is served. The command ends when
the drain time is over; the SIGTERM that follows stops the server without waiting a second time.
A drain is not taken back: it ends with the server.

The server is process 1 if that is one, else the only one that this user can see; --pid or
--pidfile names it where there are several.

Exit code: 0 drained, 1 there is no such server and nothing was done, 2 the options are wrong.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from django_scaleready.conf import conf
from django_scaleready.replica_state import NoReplicaError, ReplicaState

HELP = "Drain the replica that runs here and wait; for a preStop hook."

_PROC = Path("/proc")
_PAUSE = 0.1
# As argparse ends, for what was typed.
_WRONG = 2
_NUMBER = re.compile(r"[1-9]\d{0,9}")
_HOW = "start it with -c python:django_scaleready.gunicorn, or as the pages on uWSGI and ASGI say"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the server, one way or the other."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--pid", type=_pid, metavar="N", help="the server's master process")
    which.add_argument(
        "--pidfile", type=Path, metavar="FILE", help="the file in which the server keeps its pid"
    )


def _pid(text: str) -> int:
    if not _NUMBER.fullmatch(text.strip()):
        raise argparse.ArgumentTypeError(f"got {text!r}, accepts the number of a process")
    return int(text)


def handle(command: BaseCommand, options: Mapping[str, Any]) -> None:
    """Drain and wait. Raises CommandError if there is no server to drain."""
    pid, replica = _named(options) or _found()
    replica.drain()
    declared = replica.declared_drain
    seconds = conf.ladder.drain if declared is None else declared
    left = seconds - replica.drained_for
    command.stdout.write(f"Draining the replica of process {pid}: {max(0.0, left):.1f} s.")
    command.stdout.flush()
    while replica.drained_for < seconds:
        if not (_PROC / str(pid)).exists():
            command.stdout.write("The server has ended meanwhile.")
            return
        time.sleep(min(_PAUSE, max(0.0, seconds - replica.drained_for)))
    command.stdout.write("Drained; SIGTERM stops it at once now.")


def _named(options: Mapping[str, Any]) -> tuple[int, ReplicaState] | None:
    pid, pidfile = options["pid"], options["pidfile"]
    if pidfile is not None:
        try:
            pid = _pid(pidfile.read_text())
        except OSError as error:
            raise CommandError(
                f"--pidfile {pidfile}: {error.strerror}.", returncode=_WRONG
            ) from None
        except (ValueError, argparse.ArgumentTypeError):
            raise CommandError(
                f"--pidfile {pidfile}: there is no process number in it.", returncode=_WRONG
            ) from None
    if pid is None:
        return None
    try:
        return pid, ReplicaState.attach(pid)
    except ProcessLookupError:
        raise CommandError(f"There is no process {pid}.") from None
    except PermissionError:
        raise CommandError(f"Process {pid} is another user's: run this as that user.") from None
    except NoReplicaError:
        # Granian's parent runs nothing of the project, and neither does a shell.
        children = [(child, replica) for child, (replica, parent) in _all() if parent == pid]
        if len(children) != 1:
            raise CommandError(
                f"Process {pid} cannot be drained, nothing was done: {_HOW}."
            ) from None
        return children[0]


def _found() -> tuple[int, ReplicaState]:
    if not _PROC.is_dir():
        raise CommandError("This system has no /proc, by which the server would be found.")
    replicas = dict(_all())
    # A master, and not one of its workers, which share the same.
    masters = {
        pid: replica for pid, (replica, parent) in replicas.items() if parent not in replicas
    }
    if 1 in masters:
        return 1, masters[1]
    if not masters:
        raise CommandError(
            f"No server that can be drained is running here as this user: {_HOW}. Nothing was done."
        )
    if len(masters) > 1:
        pids = ", ".join(map(str, sorted(masters)))
        raise CommandError(f"Several servers run here: {pids}. Name one by --pid or --pidfile.")
    return masters.popitem()


def _all() -> list[tuple[int, tuple[ReplicaState, int]]]:
    """Every process of this user that shares a replica's state, with its parent."""
    found = []
    for folder in _PROC.iterdir():
        if not folder.name.isdecimal():
            continue
        try:
            replica = ReplicaState.attach(int(folder.name))
            # Behind the name, which may hold anything: state, parent.
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (NoReplicaError, OSError):  # another's, or gone in the meantime
            continue
        found.append((int(folder.name), (replica, parent)))
    return found
