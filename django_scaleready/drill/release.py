"""One release of a project: copied, migrated once, then run as any number of replicas."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django_scaleready.drill.finished import finished
from django_scaleready.drill.inside.order import Order
from django_scaleready.drill.isolation import Machine, python_needs
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.provision import Provision
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.servers import server
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Facts, Target
from django_scaleready.drill.waiting import DrillError

_SECONDS = 300
# The search for pages ends by itself before, unless one holds it.
_SEARCH_SECONDS = 120
# A file that settings name stands for the directory that it is in.
_FILES = ("DATABASES", "LOGGING")


class Release:
    """``directory`` is where its processes report to; ``user`` who can sign in, "" for nobody.

    ``limitations`` is what a report has to say about this run.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        target: Target,
        facts: Facts,
        provision: Provision,
        name: str = "release",
    ) -> None:
        self.supervisor, self.target, self.facts = supervisor, target, facts
        self.provision = provision
        self.directory = supervisor.folder(name)
        self.user = ""
        outside = [_folder(name, path) for name, path in facts.paths.items()]
        if facts.static_root:
            outside.append(Path(facts.static_root))
        needs = python_needs(target.python, facts.imported_from, target.directory)
        self.machine = Machine(
            self.directory / "machines" / "release",
            target.directory,
            [path for path in outside if path.is_absolute()],
            [*needs, supervisor.directory],
        )
        self.limitations = [*facts.limitations, *self.machine.limitations()]

    def prepare(self, *commands: Sequence[str]) -> None:
        """Copy the project, migrate, make a user, collect static files, run ``commands``.

        Each of ``commands`` is a management command with its arguments, such as ["loaddata", "x"].
        """
        self.machine.create()
        told = json.loads(self._run("django_scaleready.drill.inside.prepare"))
        self.user = told["user"]
        if not self.user:
            self.limitations.append("No user could be made, so sessions are anonymous.")
        if self.facts.static_root:
            self._collect_static()
        for command in commands:
            self._run("django", *command)

    def pages(self) -> list[str]:
        """The paths that anybody can GET."""
        found: list[str] = json.loads(
            self._run("django_scaleready.drill.inside.discover", seconds=_SEARCH_SECONDS)
        )
        return found

    def replica(
        self,
        name: str,
        served: str = "gthread",
        *,
        naive: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> Replica:
        """Return a replica with files of its own, not started; ``served`` as in ``servers``.

        ``naive`` is without the kit's configuration of the server. DrillError if the project has
        no application of the kind that the server calls.
        """
        kind = server(served)
        application = self.facts.wsgi if kind.speaks == "wsgi" else self.facts.asgi
        if not application:
            raise DrillError(
                f"{served} calls an {kind.speaks} application, and {self.target.settings} has none:"
                f" set {kind.speaks.upper()}_APPLICATION."
            )
        port = self.supervisor.port()
        machine = self.machine.clone(self.directory / "machines" / name)
        argv = kind.argv(self.target.python, application, port, naive=naive)
        return Replica(
            name,
            f"http://{HOST}:{port}",
            self.process(name, argv, machine, environment),
            self._readiness(),
            machine,
            self.directory / "overlay" / name,
        )

    def process(
        self,
        name: str,
        argv: Sequence[str],
        machine: Machine,
        environment: Mapping[str, str] | None = None,
    ) -> Process:
        """Return a program of the project on a machine, not started."""
        return self.supervisor.process(
            name,
            machine.wrap(argv),
            environment={**self._environment(name, machine), **(environment or {})},
            directory=machine.directory,
        )

    def _readiness(self) -> str:
        if self.target.readiness is not None:
            return self.target.readiness
        return "/readyz" if self.facts.uses_kit else ""

    def _environment(self, replica: str, machine: Machine) -> dict[str, str]:
        made = self.provision
        order = Order(
            self.target.settings, str(self.directory), replica, made.databases, made.redis, made.s3
        )
        return {
            **self.target.environment,
            **made.environment(),
            **order.environment(),
            **machine.environment,
        }

    def _run(self, module: str, *arguments: str, seconds: float = _SECONDS) -> str:
        done = self._completed(module, *arguments, seconds=seconds)
        if done.returncode:
            raise DrillError(
                f"{self._named(module, *arguments)} ended with {done.returncode}:\n{done.stderr}"
            )
        return done.stdout

    def _completed(
        self, *module: str, seconds: float = _SECONDS
    ) -> subprocess.CompletedProcess[str]:
        return finished(
            self.machine.wrap([self.target.python, "-m", *module]),
            self.machine.directory,
            self._environment("", self.machine),
            seconds=seconds,
            what=self._named(*module),
        )

    def _named(self, *module: str) -> str:
        return f"{' '.join(module)} in a copy of {self.target.directory}"

    def _collect_static(self) -> None:
        root = Path(self.facts.static_root)
        own = self.target.directory in root.parents or self.machine.ways
        if own and self._completed("django", "collectstatic", "--noinput", "-v", "0").returncode:
            self.limitations.append("collectstatic fails, so static files may be missing.")


def _folder(name: str, path: Path) -> Path:
    return path.parent if name.startswith(_FILES) else path


def describe(release: Release) -> dict[str, Any]:
    """What a report says about how it was run."""
    return {
        "project": str(release.target.directory),
        "settings": release.target.settings,
        "isolation": "mount namespace" if release.machine.ways else "copy",
        "limitations": release.limitations,
    }
