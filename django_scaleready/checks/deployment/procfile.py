"""The Procfile: a process on each line, in Heroku's grammar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.deployment.files import PROCFILE, DeployFile, Kind, plain
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.deployment.shell import parse

# A process type of letters, digits, "-" and "_", a colon, the command.
_PROCESS = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>.+)$")
_RELEASE = frozenset({"release"})


def processes(file: DeployFile) -> Iterator[Process | Unknown]:
    """Yield the processes; a line that cannot be read is an Unknown.

    None of a file with another name: something has to start it (``honcho -f Procfile.docker``).
    """
    lines = file.text.splitlines() if plain(file.name) == PROCFILE else []
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
                once=match["name"] in _RELEASE,
                for_development=file.for_development,
            )
