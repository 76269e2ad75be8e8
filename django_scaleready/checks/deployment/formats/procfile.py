"""The Procfile: a process on each line, in Heroku's grammar."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.deployment.files import PROCFILE, PROFILE, DeployFile, Kind, plain
from django_scaleready.checks.deployment.process import Process, of_file
from django_scaleready.checks.deployment.shell.script import parse

# A process type of letters, digits, "-" and "_", a colon, the command.
_PROCESS = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>.+)$")
# The platform sets it, to what it likes.
PORT: Final[Mapping[str, str | None]] = {"PORT": None}
# Beside the development server it is what somebody starts on a machine of one's own.
_AT_HOME = re.compile(
    r"docker[- ]compose|redis-server|mailhog|mailpit|webpack|tailwind"
    r"|(npm|yarn|pnpm) (run|start|dev|watch)"
)
_RELEASE = frozenset({"release"})
_SET: Final[Mapping[str, str | None]] = {**PORT, "CF_INSTANCE_INDEX": None, "DYNO": None}
_APPLICATIONS = re.compile(r"^applications:", re.MULTILINE)


def processes(file: DeployFile) -> Iterator[Process | Unknown]:
    """Yield the processes; a line that cannot be read is an Unknown.

    None of a file with another name: something has to start it (``honcho -f Procfile.docker``).
    """
    lines = file.text.splitlines() if plain(file.name) == PROCFILE else []
    developers = "runserver" in file.text and bool(_AT_HOME.search(file.text))
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        place = Location(file.path, number)
        match = _PROCESS.match(text)
        if match is None:
            yield Unknown(str(place), "not of the form 'name: command'")
        elif parse(file.path, match["command"]).root.has_error:
            yield Unknown(str(place), "the command could not be parsed: no shell would run it")
        else:
            yield Process(
                name=match["name"],
                kind=Kind.PROCFILE,
                location=place,
                words=("/bin/sh", "-c", match["command"]),
                environment=PORT,
                once=match["name"] in _RELEASE,
                for_development=file.for_development or developers,
            )


def profiles(files: Sequence[DeployFile]) -> Iterator[Process]:
    """Yield what runs before each process of a platform: Heroku and Cloud Foundry take .profile.

    The former has it beside the Procfile, the latter where its manifest says the application is.
    """
    listed = {file.folder for file in files if plain(file.name) == PROCFILE}
    pushed = any(f.kind is Kind.PLATFORM and _APPLICATIONS.search(f.text) for f in files)
    for file in files:
        if file.name == PROFILE and (pushed or file.folder in listed):
            process = replace(of_file(file, "bash"), name=posixpath.basename(file.folder) or "app")
            yield replace(process, environment=_SET, beside=True, signals_all=True)


def managed(file: DeployFile, words: Sequence[str]) -> Iterator[tuple[str, Location]]:
    """Yield the commands of what a manager is told to start: all, or what it names."""
    lines = [line.partition(":") for line in file.text.splitlines()]
    listed = {name for name, colon, _ in lines if colon and not name.startswith("#")}
    named = {name for word in words for name in word.split(",")} & listed
    for number, (name, _, text) in enumerate(lines, 1):
        if name in (named or listed):
            yield text.strip(), Location(file.path, number)
