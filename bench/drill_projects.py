"""The drill on projects as they are: both tellings of the example, and two from the package index.

The latter are made by their own start command from a pinned release and not touched.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench import venvs
from bench.machine import Options
from bench.report import Table
from django_scaleready.drill.supervisor import bare_environment

NAME = "drill-projects"
TITLE = "The drill on four projects, none of them changed for it"

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "example_project"
COLUMNS = ("project", "scenarios", "held", "not held", "requests", "failed", "executed twice",
           "what did not hop", "took")  # fmt: skip
_SECONDS = 900


@dataclass(frozen=True)
class Project:
    """``start`` makes it in an empty folder; without it, it lies in ``directory``.

    ``fails`` are the scenarios that must not hold, None if nobody promises anything; an empty one
    says that all must hold.
    """

    name: str
    settings: str
    directory: Path | None = None
    requirement: str = ""
    start: Sequence[str] = ()
    inside: str = "."
    fails: frozenset[str] | None = None
    variables: Mapping[str, str] = field(default_factory=dict)

    def python(self) -> Path:
        """The interpreter of its environment, with the kit beside it and not in its settings."""
        if not self.requirement:
            return Path(sys.executable)
        return venvs.environment(
            self.name, [*venvs.common(), self.requirement, "--editable", f"{ROOT}[drill]"]
        )

    def make(self, folder: Path) -> Path:
        """Return the directory that holds its manage.py."""
        if self.directory is not None:
            return self.directory
        scripts = self.python().parent
        subprocess.run(
            [scripts / self.start[0], *self.start[1:]],
            cwd=folder,
            env={**bare_environment(), "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}"},
            check=True,
            capture_output=True,
        )
        return folder / self.inside


# What production sets of it; nothing answers there, and nothing is asked.
PRODUCTION = {
    "ALLOWED_HOSTS": "castaway.example",
    "DATABASE_URL": "postgres://castaway:secret@localhost:1/castaway",
    "MEDIA_S3_ACCESS_KEY_ID": "key",
    "MEDIA_S3_BUCKET": "recordings",
    "MEDIA_S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "MEDIA_S3_SECRET_ACCESS_KEY": "secret",
    "REDIS_URL": "redis://localhost:1/0",
    "SECRET_KEY": "only-for-measurements" * 3,
    "WEB_CONCURRENCY": "1",
}
PROJECTS = (
    Project("before", "castaway.settings", EXAMPLE / "before", fails=frozenset({"hop"})),
    Project(
        "after", "castaway.settings", EXAMPLE / "after", fails=frozenset(), variables=PRODUCTION
    ),
    Project(
        "spirit",
        "forum.settings.prod",
        requirement="django-spirit==0.14.3",
        start=("spirit", "startproject", "forum"),
        inside="forum",
    ),
    Project(
        "wagtail",
        "blog.settings.dev",
        requirement="wagtail==8.0.1",
        start=("wagtail", "start", "blog", "."),
    ),
)


def drill(project: Project, folder: Path, *arguments: str) -> dict[str, Any]:
    """Run the drill as its user does and return its document, with ``took`` in seconds."""
    report = folder / "report.json"
    work = folder / "project"
    work.mkdir()
    directory = project.make(work)
    began = time.monotonic()
    done = subprocess.run(
        [project.python(), "-m", "django_scaleready", "drill", "--settings", project.settings,
         "--json", report, *arguments],
        cwd=directory,
        env={**bare_environment(), **project.variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )  # fmt: skip
    if done.returncode not in (0, 1):
        raise RuntimeError(f"The drill of {project.name}:\n{done.stdout}{done.stderr}")
    document: dict[str, Any] = json.loads(report.read_text())
    return {**document, "took": time.monotonic() - began}


def run(options: Options) -> Table:
    """Drill one project after the other."""
    table = Table(NAME, TITLE, COLUMNS)
    for project in PROJECTS:
        if options.rows and project.name not in options.rows:
            continue
        if options.quick and project.requirement:
            continue
        project.python()  # Made before the clock runs.
        folder = Path(tempfile.mkdtemp(prefix="bench-"))
        try:
            with options.alone(project.name):
                arguments = ("--scenario", "hop") if options.quick else ("--quick",)
                add(table, project, drill(project, folder, *arguments))
        finally:
            shutil.rmtree(folder)
    table.notes.append(
        "Three replicas on gthread behind HAProxy, with PostgreSQL and Redis of the drill's own:"
        " python -m django_scaleready drill --quick. spirit is django-spirit 0.14.3 by its"
        " production settings, wagtail what `wagtail start` of 8.0.1 makes, on SQLite."
    )
    return table


def add(table: Table, project: Project, document: dict[str, Any]) -> None:
    """A row, and what must hold of it."""
    scenarios = document["scenarios"]
    broken = [scenario["name"] for scenario in scenarios if not scenario["held"]]
    totals = document["totals"]
    table.rows.append(
        [project.name, str(len(scenarios)), str(len(scenarios) - len(broken)),
         ", ".join(broken) or "-", f"{totals['requests']:,}",
         f"{sum(totals['failed'].values()):,}", str(totals["duplicated"]),
         ", ".join(dict.fromkeys(unhopped(document))) or "-", f"{document['took']:.0f} s"]
    )  # fmt: skip
    table.figures[project.name] = {
        "totals": totals,
        "scenarios": {scenario["name"]: scenario["held"] for scenario in scenarios},
        "unhopped": unhopped(document),
        "limitations": document["limitations"],
    }
    if project.fails is None:
        return
    missing = project.fails - set(broken)
    held = not missing if project.fails else not broken
    wanted = f"{', '.join(sorted(project.fails))} fails" if project.fails else "all of it holds"
    table.promise(f"{project.name}: {wanted}", ", ".join(broken) or "all held", held)


def unhopped(document: dict[str, Any]) -> list[str]:
    """What of the state another replica did not have."""
    return [
        observation["topic"]
        for scenario in document["scenarios"]
        for observation in scenario["observations"]
        if not observation["held"]
    ]
