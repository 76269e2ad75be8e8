"""What runs of a project: commands, replicas, workers, beats."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.servers import SERVERS
from django_scaleready.drill.supervisor import Supervisor, bare_environment
from django_scaleready.drill.waiting import DrillError

_START_SECONDS = 60


@dataclass(frozen=True)
class Project:
    """A project's directory with manage.py in it, and the environment that all of it gets.

    ``module`` is the package of settings, wsgi and celery.
    """

    supervisor: Supervisor
    directory: Path
    module: str
    environment: Mapping[str, str]
    python: str = sys.executable

    def manage(
        self, *arguments: str, accept: Sequence[int] = (0,), seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a management command to its end; DrillError if its exit code is not accepted."""
        done = subprocess.run(
            [self.python, "manage.py", *arguments],
            cwd=self.directory,
            env={**bare_environment(), **self.environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
        if done.returncode not in accept:
            raise DrillError(
                f"manage.py {' '.join(arguments)} in {self.directory} ended with"
                f" {done.returncode}:\n{done.stdout}{done.stderr}"
            )
        return done

    def replica(
        self, name: str, *gunicorn: str, environment: Mapping[str, str] | None = None
    ) -> Replica:
        """Return a gunicorn replica, not started; ``gunicorn`` are further arguments of it.

        It runs where the project lies. ``release`` gives each replica a copy of its own.
        """
        port = self.supervisor.port()
        argv = SERVERS["gthread"].argv(self.python, f"{self.module}.wsgi", port)
        process = self._process(name, [*argv, *gunicorn], {"REPLICA": name, **(environment or {})})
        return Replica(name, f"http://{HOST}:{port}", process)

    def worker(self, name: str, *celery: str) -> Process:
        """Return a Celery worker, not started."""
        return self._process(name, self._celery("worker", "-n", f"{name}@%h", *celery))

    def beat(self, name: str, *celery: str) -> Process:
        """Return a Celery beat, not started."""
        return self._process(name, self._celery("beat", *celery))

    def _celery(self, *arguments: str) -> list[str]:
        return [self.python, "-m", "celery", "-A", self.module, *arguments]

    def _process(
        self, name: str, argv: Sequence[str], environment: Mapping[str, str] | None = None
    ) -> Process:
        return self.supervisor.process(
            name,
            argv,
            directory=self.directory,
            environment={**self.environment, **(environment or {})},
        )


def takes_tasks(worker: Process) -> None:
    """Return when a worker that was started takes tasks."""
    worker.wait_until(lambda: " ready." in worker.tail(200), _START_SECONDS, "its readiness")


def leads(beat: Process) -> bool:
    """Whether a beat that runs says that it holds the lock."""
    says = [record.get("message", "") for record in records(beat)]
    changes = [text for text in says if text.startswith(("beat: took", "beat: lost"))]
    return beat.running and bool(changes) and changes[-1].startswith("beat: took")


def records(process: Process) -> list[dict[str, Any]]:
    """The JSON lines of a process's log; a line that is no JSON object is left out."""
    found = []
    for line in process.log.read_text(errors="replace").splitlines():
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            continue
        if isinstance(record, dict):
            found.append(record)
    return found
