"""uWSGI's options, from its ini files and from the command line, with the place of each."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats.ini_text import Entry, entries

# Options that start a program: beside the workers, or before the application is loaded.
DAEMONS = ("attach-daemon", "attach-daemon2", "smart-attach-daemon", "legion-attach-daemon")
_EXEC = ("exec-asap", "exec-pre-jail", "exec-post-jail", "exec-in-jail", "exec-as-root")
_EXEC_LATER = ("exec-as-user", "exec-pre-app", "exec-post-app")
_HOOKS = ("hook-asap", "hook-pre-app", "hook-master-start", "hook-as-user", "hook-post-app")
# Minute, hour, day, month, weekday, then the command; a list of conditions, then the command.
_CLOCKS = {"cron": 5, "cron2": 1}
_CONDITIONS = {"if-env": True, "if-not-env": False}
_SHORT = {"s": "socket", "d": "daemonize", "M": "master", "p": "processes", "w": "module"}
_PLAIN = frozenset({"if-exists", "if-file", "if-dir", "if-opt", "for", "for-glob", "for-times"})


@dataclass(frozen=True, slots=True)
class Option:
    """An option with its value, "" for one alone, and its place."""

    name: str
    value: str
    location: Location


@dataclass(frozen=True, slots=True)
class Uwsgi:
    """A uWSGI server: all of its options, the weakest first."""

    location: Location
    options: tuple[Option, ...]

    def all(self, *names: str) -> Iterator[Option]:
        """Yield the options of some names."""
        return (option for option in self.options if option.name in names)

    def first(self, *names: str) -> Option | None:
        """Return the first option of some names."""
        return next(self.all(*names), None)

    def is_on(self, name: str) -> bool:
        """Whether a switch is on."""
        return any(o.value.lower() not in {"false", "0", "no"} for o in self.all(name))

    @property
    def serves(self) -> bool:
        """Whether it serves an application, and is no emperor or router of others."""
        names = ("module", "wsgi-file", "wsgi", "mount", "http", "http-socket", "socket")
        return self.first(*names) is not None

    @property
    def timed(self) -> Iterator[tuple[tuple[str, ...], Option]]:
        """The programs that its master starts by the clock, each replica's for itself."""
        for option in self.all(*_CLOCKS):
            words = _split(option.value)
            conditions = _CLOCKS[option.name]
            if option.name == "cron2" and "=" not in "".join(words[:1]):
                conditions = 0
            yield words[conditions:], option

    @property
    def started(self) -> Iterator[tuple[tuple[str, ...], Option, bool]]:
        """The programs that it starts, with the option, and whether they stay beside it."""
        for option in self.options:
            value = option.value
            stays = option.name in DAEMONS
            if option.name in _HOOKS:
                kind, _, value = value.partition(":")
                if kind not in {"exec", "execute"}:
                    continue
            elif not stays and option.name not in (*_EXEC, *_EXEC_LATER):
                continue
            elif option.name.endswith("attach-daemon") and option.name != "attach-daemon":
                # smart-attach-daemon = PIDFILE COMMAND
                value = value.partition(" ")[2]
            elif option.name == "attach-daemon2":
                value = next((p[4:] for p in value.split(",") if p.startswith("cmd=")), "")
            yield _split(value), option, stays


def server(
    command: Command,
    find: Callable[[str], DeployFile | None],
    environment: Mapping[str, str | None],
) -> Uwsgi:
    """Return the options of a command, without those of a file that cannot be read."""
    files: list[DeployFile] = []
    given = [
        Option(name.removeprefix("UWSGI_").lower().replace("_", "-"), value, command.location)
        for name, value in environment.items()
        if name.startswith("UWSGI_") and value is not None
    ]
    files += [ini for option in given if option.name == "ini" and (ini := _ini(option.value, find))]
    words = list(command.arguments)
    for index, word in enumerate(words):
        if not word.startswith("-"):
            taken = index and words[index - 1].startswith("-") and "=" not in words[index - 1]
            ini = _ini(word, find)
            if ini and (not taken or words[index - 1] in {"--ini", "-i"}):
                files.append(ini)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        later = words[index + 1] if index + 1 < len(words) else ""
        if not equals and not later.startswith("-"):
            value = later
        if name == "ini" and equals and (ini := _ini(value, find)):
            files.append(ini)
        given.append(Option(_SHORT.get(name, name), value, command.location))
    read = [option for file in files for option in _options(file)]
    place = _place(files[0]) if files else command.location
    return Uwsgi(place, (*read, *given))


def commands(
    command: Command,
    find: Callable[[str], DeployFile | None],
    environment: Mapping[str, str | None],
) -> Iterator[Command]:
    """Yield what a server starts, and a cron for what its master starts by the clock."""
    found = server(command, find, environment)
    for words, option, stays in found.started:
        place = option.location
        yield replace(command, words=words, location=place, awaited=not stays, supervised=True)
    for words, option in found.timed:
        yield replace(command, words=("cron", *words), location=option.location)


def _ini(word: str, find: Callable[[str], DeployFile | None]) -> DeployFile | None:
    file = find(word) if "." in word else None
    return file if file is not None and file.kind is Kind.UWSGI else None


def _options(file: DeployFile) -> list[Option]:
    found: list[Option] = []
    taken = True
    try:
        listed = entries(file.text)
    except ValueError:
        # Noted where all files are read.
        return []
    for entry in listed:
        if entry.section.partition(":")[0] != "uwsgi":
            continue
        if entry.key in _CONDITIONS or entry.key in _PLAIN:
            # Without anything in the environment, which is what a replica starts with by default.
            taken = entry.key == "if-not-env"
        elif entry.key in {"endif", "end-if", "endfor", "end-for"}:
            taken = True
        elif taken:
            found.append(_option(file, entry))
    return found


def _option(file: DeployFile, entry: Entry) -> Option:
    return Option(entry.key, entry.value, Location(file.path, entry.line))


def _place(file: DeployFile) -> Location:
    """Return a file, with the line of its section if other programs' stand before that."""
    first = re.search(r"^\[([^\]\n:]+)", file.text, re.MULTILINE)
    if first is None or first[1] == "uwsgi":
        return Location(file.path)
    before = file.text.partition("[uwsgi")[0]
    return Location(file.path, before.count("\n") + 1)


def _split(text: str) -> tuple[str, ...]:
    try:
        return tuple(shlex.split(text))
    except ValueError:
        return tuple(text.split())
