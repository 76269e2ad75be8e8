"""The example's two projects, each run in a copy: what it writes stays out of the checkout."""

from __future__ import annotations

import itertools
import shutil
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.project import Project
from django_scaleready.drill.replicas import answers
from django_scaleready.drill.supervisor import Supervisor

EXAMPLE = Path(__file__).resolve().parents[2] / "example_project"
PASSWORD = "only-for-the-test"
_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Leak:
    """One entry of LEAKS.toml; ``text`` is a piece of the line that the finding points at."""

    rule: str
    path: str
    text: str
    why: str


def leaks() -> list[Leak]:
    """What was planted in ``before``."""
    listed = tomllib.loads((EXAMPLE / "before" / "LEAKS.toml").read_text(encoding="utf-8"))
    return [Leak(**entry) for entry in listed["leak"]]


def copy(name: str, supervisor: Supervisor, environment: Mapping[str, str]) -> Project:
    """Copy ``before`` or ``after`` to a directory that goes with the supervisor."""
    directory = supervisor.folder(f"copy-{next(_NUMBERS)}") / name
    shutil.copytree(
        EXAMPLE / name,
        directory,
        ignore=shutil.ignore_patterns("__pycache__", "var", "media", "db.sqlite3", "staticfiles"),
    )
    return Project(supervisor, directory, "castaway", environment)


def serve(project: Project) -> str:
    """Migrate, seed and start the development server; return its URL once it answers."""
    seeded = Project(
        project.supervisor,
        project.directory,
        project.module,
        {**project.environment, "DEMO_PASSWORD": PASSWORD},
    )
    seeded.manage("migrate", "-v", "0")
    seeded.manage("seed_demo")
    url = f"http://{HOST}:{project.supervisor.port()}"
    server = project.supervisor.process(
        f"{project.directory.name}-runserver",
        [sys.executable, "manage.py", "runserver", "--noreload", url.removeprefix("http://")],
        environment=project.environment,
        directory=project.directory,
    )
    server.start()
    server.wait_until(lambda: answers(url), 30, "its first page")
    return url
