"""supervisord's configurations: the programs that it starts and where their output goes."""

from __future__ import annotations

import posixpath
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.ini_text import Entry, entries
from django_scaleready.checks.deployment.process import Given

_VARIABLE = re.compile(r"%\(ENV_(\w+)\)s")
# supervisor/options.py: the seconds from SIGTERM to SIGKILL.
_STOP, _STOP_WAIT = "stopwaitsecs", 10
_PAUSES = re.compile(r"[;&]\s*sleep\s+[\w.$]+\s*$")
_OUTPUT = ("stdout_logfile", "stderr_logfile")
# Where supervisord looks by itself, and what the configuration of a distribution includes.
_OWN = re.compile(r"^/etc/supervisor(/|d?\.conf$|d\.d(/|$))")
# A folder that is included as it is; from any other each machine gets what it is to run.
_WHOLE = re.compile(r"(^|/)(conf\.d|supervisor[\w.-]*)$")


@dataclass(frozen=True, slots=True)
class Program:
    """A program: its words, and the files that its output is written to.

    ``grace``: the seconds that it has to stop. ``whole_group``: a stop reaches what the program has
    started, too. ``stop``: the signal that tells it to, without SIG, "" if nothing is said, and
    ``stop_at`` where that stands. ``again``: it is started anew whenever it has ended, well or not.
    ``folder``: where it works.
    """

    name: str
    words: tuple[str, ...]
    location: Location
    grace: Given
    outputs: tuple[Entry, ...] = ()
    whole_group: bool = False
    stop: str = ""
    stop_at: Location | None = None
    again: bool = False
    folder: str = ""

    @property
    def repeats(self) -> bool:
        """Whether a line for the shell is run again and again, with a pause at its end."""
        return self.again and bool(_PAUSES.search(self.words[-1] if self.words else ""))


@dataclass(frozen=True, slots=True)
class Supervisor:
    """A configuration: its programs, and the patterns of the files that it includes."""

    file: DeployFile
    programs: tuple[Program, ...]
    includes: tuple[str, ...]


def read(file: DeployFile) -> Supervisor:
    """Read a configuration; ValueError if it has not the form of one."""
    found = entries(file.text, comments=(";", "#"))
    sections = dict.fromkeys(entry.section for entry in found)
    programs = []
    for section in sections:
        kind, _, name = section.partition(":")
        own = {entry.key: entry for entry in found if entry.section == section}
        if kind in {"program", "eventlistener", "fcgi-program"} and "command" in own:
            programs.append(_program(file, name, own))
    included = " ".join(e.value for e in found if e.section == "include" and e.key == "files")
    return Supervisor(file, tuple(programs), tuple(included.split()))


def is_taken_whole(folder: str) -> bool:
    """Whether the configurations of a folder are those of one container."""
    return bool(_WHOLE.search(folder))


def installed(copies: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the sources of what is copied to where supervisord finds it without being told."""
    for source, target in copies:
        if _OWN.search(target):
            yield source


def programs(
    file: DeployFile,
    files: Iterable[DeployFile],
    copies: Iterable[tuple[str, str]],
    find: Callable[[str], DeployFile | None],
) -> Iterator[Program]:
    """Yield the programs of a configuration and of what it includes.

    ``copies``: what a start script has put where; ``find`` finds what lies at a path.
    """
    try:
        found = read(file)
    except ValueError:
        # Noted where all of them are read.
        return
    put = [
        (posixpath.normpath(place), find(source))
        for source, target in copies
        for place in (target, posixpath.join(target, posixpath.basename(source)))
    ]
    yield from found.programs
    for other in dict.fromkeys(_included(found, files, put)):
        try:
            yield from read(other).programs
        except ValueError:
            continue


def _included(
    found: Supervisor, files: Iterable[DeployFile], put: Iterable[tuple[str, DeployFile | None]]
) -> Iterator[DeployFile]:
    """Yield the configurations that one includes.

    The image has put them somewhere; the name of the folder is what it may have kept.
    """
    others = [f for f in files if f.kind is Kind.SUPERVISOR and f is not found.file]
    for pattern in found.includes:
        folder, name = posixpath.split(pattern)
        named = [f for f in others if posixpath.basename(f.folder) == posixpath.basename(folder)]
        beside = [f for f in others if f.folder == found.file.folder]
        for other in named if folder and named else beside:
            if fnmatchcase(other.name, name):
                yield other
        for target, file in put:
            if file in others and file is not None and fnmatchcase(target, pattern):
                yield file


def _program(file: DeployFile, name: str, own: dict[str, Entry]) -> Program:
    command = _VARIABLE.sub(r"$\1", own["command"].value)
    try:
        words = tuple(shlex.split(command))
    except ValueError:
        words = tuple(command.split())
    group = any(_is_true(own.get(key)) for key in ("stopasgroup",))
    outputs = tuple(own[key] for key in _OUTPUT if key in own)
    place = Location(file.path, own["command"].line)
    told = own.get("stopsignal")
    return Program(
        *(name, words, place, _grace(file, own.get(_STOP), place), outputs, group),
        stop=told.value.upper().removeprefix("SIG") if told else "",
        stop_at=Location(file.path, told.line) if told else None,
        again=_is_true(own.get("autorestart")),
        folder=_VARIABLE.sub(r"$\1", own["directory"].value) if "directory" in own else "",
    )


def _grace(file: DeployFile, entry: Entry | None, place: Location) -> Given:
    if entry is None or not entry.value.isdecimal():
        return Given(_STOP_WAIT, _STOP, place, said=False)
    return Given(float(entry.value), _STOP, Location(file.path, entry.line))


def _is_true(entry: Entry | None) -> bool:
    return entry is not None and entry.value.lower() in {"true", "on", "yes", "1"}
