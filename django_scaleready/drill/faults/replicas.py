"""Replicas that are replaced, killed, or hang."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import psutil

from django_scaleready.drill.faults.base import Fault, NotHereError
from django_scaleready.drill.processes import Process
from django_scaleready.drill.promises import Excused, Observation, Promise
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.waiting import NotInTimeError, until

# Seconds. gunicorn looks for dead workers once a second, and a worker loads the whole project.
_REPLACED = 20.0
# gunicorn's own time-out is 30 s; a server that has none is not waited for longer.
_GIVEN_UP = 45.0


class RollingRestart(Fault):
    """Every replica is replaced, one after the other, as a deployment does."""

    name = "rolling-restart"
    title = "Rolling restart"
    promise = Promise(
        "Nobody notices: no request fails, no POST is executed twice.",
        "A deployment is planned. A replica can leave the balancer first, answer what it has"
        " accepted, and end then.",
    )

    def __init__(self, restart: Callable[[], object]) -> None:
        self._restart = restart

    def inject(self) -> None:
        """Restart all; returns when the last one is ready again."""
        self._restart()


class ReplicaKilled(Fault):
    """SIGKILL of a whole replica, as when its machine is lost."""

    name = "replica-killed"
    title = "A replica killed (SIGKILL)"
    promise = Promise(
        "At most the requests that it had in hand are lost.",
        "Nobody can answer what only the lost replica knew of. All that is sent afterwards belongs"
        " to another one: a refused connection has cost nothing and is tried elsewhere.",
        Excused.IN_FLIGHT,
    )

    def __init__(self, replica: Replica, *, hold: float) -> None:
        self._replica = replica
        self.hold = hold

    def inject(self) -> None:
        """Kill it and all its workers."""
        self._replica.process.kill()

    def end(self) -> None:
        """Start it again."""
        self._replica.start()
        self._replica.wait()


class WorkerKilled(Fault):
    """SIGKILL of one worker process, as the kernel does it when memory runs out."""

    name = "worker-killed"
    title = "A worker killed (SIGKILL)"
    promise = Promise(
        "At most the requests that it had in hand are lost, and it is replaced.",
        "The server's master knows at once that a worker is gone, and the listening socket is its"
        " own: what nobody has accepted yet waits for the next worker.",
        Excused.IN_FLIGHT,
    )

    def __init__(self, replica: Replica) -> None:
        self._process = replica.process
        self._killed = _worker(self._process)
        self._number = 0
        self._replaced = False

    def inject(self) -> None:
        """Kill it."""
        self._killed, self._number = _worker(self._process), len(_workers(self._process))
        self._killed.kill()

    def end(self) -> None:
        """Wait for the worker that takes its place; nobody has to do anything."""
        self._replaced = _replaced(self._process, self._killed, self._number, _REPLACED)

    def observations(self) -> Sequence[Observation]:
        """Whether somebody took its place."""
        seen = "yes" if self._replaced else f"not within {_REPLACED:g} s"
        return [Observation("worker", "replaced by its master", seen, self._replaced)]


class WorkerHung(Fault):
    """SIGSTOP of one worker: it holds its connections and answers nothing."""

    name = "worker-hung"
    title = "A worker hangs (SIGSTOP)"
    promise = Promise(
        "Only what it had in hand, or is handed while nobody knows, fails: less than one request"
        " in ten. The server ends and replaces it.",
        "From outside a worker that hangs is one that is slow, until the server's time-out says"
        " otherwise. All others must go on meanwhile.",
        Excused.MEANWHILE,
        most=0.1,
    )

    def __init__(self, replica: Replica) -> None:
        self._process = replica.process
        self._hung = _worker(self._process)
        self._number = 0
        self._replaced = False

    def inject(self) -> None:
        """Stop it where it stands."""
        self._hung, self._number = _worker(self._process), len(_workers(self._process))
        self._hung.suspend()

    def end(self) -> None:
        """Wait until the server has replaced it; let it go on if nobody does."""
        self._replaced = _replaced(self._process, self._hung, self._number, _GIVEN_UP)
        with suppress(psutil.NoSuchProcess):
            self._hung.resume()

    def observations(self) -> Sequence[Observation]:
        """Whether somebody noticed."""
        seen = "yes" if self._replaced else f"not within {_GIVEN_UP:g} s"
        return [Observation("worker", "ended and replaced by the server", seen, self._replaced)]


def _workers(process: Process) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(process.pid).children()
    return []


def _worker(process: Process) -> psutil.Process:
    """The worker with the project in it, which is the largest child of the server's master."""
    sizes = []
    for worker in _workers(process):
        with suppress(psutil.Error):
            sizes.append((worker.memory_info().rss, worker.pid, worker))
    if not sizes:
        raise NotHereError(f"{process.name} is one process: nobody is there to replace a worker.")
    return max(sizes)[-1]


def _replaced(process: Process, gone: psutil.Process, number: int, seconds: float) -> bool:
    """Whether a worker is gone, and there are ``number`` again, ``seconds`` from now at most."""

    def done() -> bool:
        workers = [worker for worker in _workers(process) if worker.pid != gone.pid]
        return not _alive(gone) and len(workers) >= number

    try:
        until(done, seconds, "another worker", pause=0.1)
    except NotInTimeError:
        return False
    return True


def _alive(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
