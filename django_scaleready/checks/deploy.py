"""The deploy files of a project: what is started, read as the platform reads it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePath

from django_scaleready.checks.base import Location, Unknown

# Heroku's grammar: a process type of letters, digits, "-" and "_", a colon, the command.
_PROCESS = re.compile(r"^(?P<name>[A-Za-z0-9_-]+):\s*(?P<command>.+)$")
_SHELLS = frozenset({"sh", "bash", "dash", "ash"})
_SEPARATORS = frozenset({"&&", "||", ";", "|", "&", "(", ")"})


@dataclass(frozen=True, slots=True)
class Command:
    """A process that a deploy file starts; ``words`` may hold several programs of a shell line."""

    name: str
    words: tuple[str, ...]
    location: Location

    @property
    def programs(self) -> Iterator[tuple[str, ...]]:
        """The programs of the line, each with its arguments."""
        program: list[str] = []
        for word in (*self.words, ";"):
            if word in _SEPARATORS:
                if program:
                    yield tuple(program)
                program = []
            else:
                program.append(word)

    @property
    def management(self) -> tuple[str, ...]:
        """The subcommands of manage.py and django-admin that the line runs."""
        return tuple(sub for program in self.programs if (sub := _subcommand(program)))

    def runs_celery(self, subcommand: str) -> bool:
        """Whether the line starts that program of Celery's: worker, beat."""
        return any(
            any(PurePath(word).name == "celery" for word in program) and subcommand in program
            for program in self.programs
        )

    def has_option(self, *names: str) -> bool:
        """Whether one of the options is given, as ``--x y`` or ``--x=y``."""
        return self.option(*names) is not None

    def option(self, *names: str) -> str | None:
        """Return an option's value, "" if it stands last, None if it is not given."""
        for index, word in enumerate(self.words):
            name, equals, value = word.partition("=")
            if name in names:
                return value if equals else "".join(self.words[index + 1 : index + 2])
        return None


class DeployFiles:
    """The deploy files below the project's root."""

    def __init__(self, root: Path) -> None:
        """Take the project's root; nothing is read yet."""
        self.root = root

    @cached_property
    def procfile(self) -> tuple[Command | Unknown, ...]:
        """The processes of ``Procfile``; a line that cannot be read is an Unknown."""
        path = self.root / "Procfile"
        if not path.is_file():
            return ()
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return tuple(
            _process(line.strip(), Location("Procfile", number))
            for number, line in enumerate(lines, 1)
            if line.strip() and not line.lstrip().startswith("#")
        )


def _process(line: str, place: Location) -> Command | Unknown:
    match = _PROCESS.match(line)
    if match is None:
        return Unknown(str(place), "not of the form 'name: command'")
    try:
        words = _words(match["command"])
    except ValueError as error:
        return Unknown(str(place), f"the command could not be parsed: {error}")
    return Command(match["name"], tuple(words), place)


def _words(command: str) -> list[str]:
    lexer = shlex.shlex(command, posix=True, punctuation_chars=True)
    lexer.whitespace_split = True
    words = list(lexer)
    # sh -c "...": the words inside are what runs.
    for index, word in enumerate(words[:-2]):
        if PurePath(word).name in _SHELLS and re.fullmatch(r"-[a-z]*c", words[index + 1]):
            inner = _words(words[index + 2])
            return [*words[:index], *inner, *words[index + 3 :]]
    return words


def _subcommand(program: tuple[str, ...]) -> str:
    for index, word in enumerate(program):
        module = index and program[index - 1] == "-m" and word == "django"
        if PurePath(word).name in {"manage.py", "django-admin"} or module:
            return next((w for w in program[index + 1 :] if not w.startswith("-")), "")
    return ""
