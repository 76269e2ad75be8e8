"""Secrets that a container's start script draws at random, and gives to the settings."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

# What the project itself signs or encrypts with; what others gave it a script does not make up.
_SECRET = re.compile(r"SECRET|SIGNING|JWT|ENCRYPTION|FERNET", re.IGNORECASE)
_OF_OTHERS = re.compile(r"ACCESS|AWS|CLIENT|MINIO|OAUTH|S3|WEBHOOK", re.IGNORECASE)
# Whoever starts a script elsewhere may keep what it makes up.
_KINDS = frozenset({Kind.COMPOSE, Kind.DOCKERFILE, Kind.KUBERNETES, Kind.PLATFORM, Kind.PROCFILE})
# What lists the variables of a compose file's services: .env.example, docker/shop.env
_VARIABLES = re.compile(r"(^|/)[^/]*(^|[/._-])env([._-][^/]*)?$", re.IGNORECASE)
_TESTS = re.compile(r"(^|/)(tests?|conftest)\b|(^|/)test_")


class Draw(NamedTuple):
    """A place at which a script draws values, for which variables, and the file that keeps them.

    ``sure``: it does so in each container.
    """

    location: Location
    names: tuple[str, ...]
    file: str
    sure: bool


def draws(project: Project) -> Iterator[Draw]:
    """Yield where each replica makes up a secret that no deploy file gives it."""
    found: dict[tuple[Location, bool], dict[str, Command]] = {}
    for process in project.deploy.processes:
        for command in process.commands if process.own and _starts(process) else ():
            name = command.draws
            if _is_secret(name) and not _is_made_once(project, process, name):
                names = found.setdefault((command.location, bool(command.output)), {})
                names.setdefault(name, command)
    for (place, _), names in found.items():
        left = {n: c for n, c in names.items() if _is_made_up(project, place.path, n, c.output)}
        for command in list(left.values())[:1]:
            yield Draw(place, tuple(left), command.output, command.sure)


def _is_made_up(project: Project, script: str, name: str, file: str) -> bool:
    """Whether the code asks for a variable that nothing gives to what goes through a script.

    What a script writes into settings needs nobody to ask for it.
    """
    through = (
        process
        for process in project.deploy.processes
        if process.own and any(c.location.path == script for c in process.commands)
    )
    given = any(_has(project, process, name) for process in through)
    asked = _is_loaded if file.endswith(".py") else _is_asked_for
    return not given and asked(project, name, file)


def _starts(process: Process) -> bool:
    """Whether a deploy file starts a process, as often as there are replicas."""
    return process.kind in _KINDS and process.is_replica and not process.on_demand


def _is_secret(name: str) -> bool:
    return bool(_SECRET.search(name)) and not _OF_OTHERS.search(name)


def _has(project: Project, process: Process, name: str) -> bool:
    """Whether a process is given the variable, or a file that holds it, or a list says so."""
    if not {name, f"{name}_FILE"}.isdisjoint({*process.environment, *process.withheld}):
        return True
    text = re.escape(name.encode())
    line = re.compile(rb"^\s*(export\s+)?%b=" % text, re.MULTILINE)
    listed = project.code.listed if process.kind is Kind.COMPOSE else ()
    paths = (path for path in listed if _VARIABLES.search(path))
    return any(line.search(files.content(project.root, path)) for path in paths)


def _is_made_once(project: Project, process: Process, name: str) -> bool:
    """Whether Heroku makes the variable up, or asks for it, when the project is deployed there."""
    button = files.content(project.root, "app.json") if process.kind is Kind.PROCFILE else b""
    return b'"%b"' % name.encode() in button


def _is_loaded(project: Project, name: str, file: str) -> bool:
    """Whether a file has the settings: one of its name sets it here, or is imported."""
    sets = re.compile(rb"^\s*%b\s*(:[^=\n]*)?=" % re.escape(name.encode()), re.MULTILINE)
    path = PurePosixPath(file)
    alike = (each.path for each in project.code.files if PurePosixPath(each.path).name == path.name)
    if any(sets.search(files.content(project.root, each)) for each in alike):
        return True
    return any(path.stem in dotted.split(".") for dotted in project.code.importing)


def _is_asked_for(project: Project, name: str, _: str) -> bool:
    """Whether the code asks the environment for a variable."""
    asks = re.compile(rb"[\"']%b[\"']" % re.escape(name.encode()))
    sources = (each.path for each in project.code.files if not _TESTS.search(each.path))
    return any(asks.search(files.content(project.root, path)) for path in sources)
