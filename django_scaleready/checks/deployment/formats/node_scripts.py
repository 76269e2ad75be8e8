"""What npm, yarn, pnpm and bun run: the scripts of a package.json."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from typing import NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile, Kind

RUNNERS = frozenset({"npm", "yarn", "pnpm", "bun"})
# They take the names of scripts, or whole commands, and run them at once or one by one.
SEVERAL = frozenset({"npm-run-all", "npm-run-all2", "run-p", "run-s", "concurrently"})
PROGRAMS = RUNNERS | SEVERAL | {"npx"}
_RUN = frozenset({"run", "run-script"})
# What npm runs without "run" in front.
_OF_NPM = frozenset({"start", "stop", "restart", "test"})
_FOLDER = frozenset({"--prefix", "-C", "--cwd", "--dir"})
_VALUED = _FOLDER | {"--filter", "-F", "-w", "--workspace"}
_OF_CONCURRENTLY = frozenset({"-n", "--names", "-c", "--prefix-colors", "-p", "--prefix"})
_AT_ONCE = frozenset({"-p", "--parallel"})


class Asked(NamedTuple):
    """A script that is asked for by name, what is handed on to it, and the package's folder."""

    name: str
    rest: tuple[str, ...]
    folder: str


class Started(NamedTuple):
    """A line for a shell, where it stands, and whether whoever started it waits for its end."""

    text: str
    line: int
    awaited: bool


def of(
    words: Sequence[str], find: Callable[[str], DeployFile | None]
) -> tuple[DeployFile, list[Started]] | None:
    """Return the package.json behind a call, and what is started by the call; None for none."""
    words = words[1:] if words[0] == "npx" else words
    name = posixpath.basename(words[0]) if words else ""
    script = asked(words) if name in RUNNERS else None
    if script is None and name not in SEVERAL:
        return None
    file = find(posixpath.join(script.folder if script else "", "package.json"))
    if file is None or file.kind is not Kind.PACKAGE:
        return None
    found = list(started(file.text, script) if script else several(file.text, words))
    return (file, found) if found else None


def commands(file: DeployFile, found: Sequence[Started], command: Command) -> Iterator[Command]:
    """Yield what scripts start: whoever runs them stays before them and says nothing on."""
    held = replace(command, alone=False, via=(*command.via, command.location))
    for text, line, waits in found:
        place = Location(file.path, line) if line else command.location
        awaited = command.awaited and waits
        yield replace(held, words=("sh", "-c", text), location=place, awaited=awaited)


def asked(words: Sequence[str]) -> Asked | None:
    """Return which script a call of a runner asks for; None if it asks for none."""
    runner, *rest = words
    folder, plain = "", []
    for index, word in enumerate(rest):
        name, equals, value = word.partition("=")
        if name in _FOLDER:
            folder = value if equals else "".join(rest[index + 1 : index + 2])
        elif not word.startswith("-") and (not index or rest[index - 1] not in _VALUED):
            plain.append(word)
        if word == "--":
            break
    runs = plain[:1] and plain[0] in _RUN
    name = "".join(plain[1:2] if runs else plain[:1])
    if not name or (posixpath.basename(runner) == "npm" and not runs and name not in _OF_NPM):
        return None
    more = [word for word in rest[rest.index(name) + 1 :] if word not in {"--", folder}]
    return Asked(name, tuple(word for word in more if word not in _FOLDER), folder)


def started(text: str, script: Asked) -> Iterator[Started]:
    """Yield what a script of a package.json starts, and what stands before it: ``prestart``."""
    scripts = _scripts(text)
    if script.name in scripts:
        more = "".join(f" {shlex.quote(word)}" for word in script.rest)
        for name, rest in ((f"pre{script.name}", ""), (script.name, more)):
            if name in scripts:
                yield Started(scripts[name] + rest, _line(text, name), awaited=True)


def several(text: str, words: Sequence[str]) -> Iterator[Started]:
    """Yield what a program starts that is given the names of scripts, or commands."""
    scripts, program = _scripts(text), posixpath.basename(words[0])
    lines = program == "concurrently"
    together = program == "run-p" or lines
    for before, word in itertools.pairwise(words):
        together |= word in _AT_ONCE
        if word.startswith("-") or (lines and before in _OF_CONCURRENTLY):
            continue
        pattern = re.sub(r"^(npm|yarn|pnpm|bun):", "", word).partition(" ")[0]
        named = [name for name in scripts if fnmatchcase(name, pattern)]
        for name in named:
            yield Started(scripts[name], _line(text, name), awaited=not together)
        if lines and not named:
            yield Started(word, 0, awaited=False)


def _scripts(text: str) -> dict[str, str]:
    try:
        found = json.loads(text).get("scripts")
    except (ValueError, AttributeError, RecursionError):
        return {}
    listed = found.items() if isinstance(found, dict) else ()
    return {name: line for name, line in listed if isinstance(line, str)}


def _line(text: str, name: str) -> int:
    """Return the line on which a script is defined."""
    begins = text.find('"scripts"')
    found = re.compile(re.escape(json.dumps(name)) + r"\s*:").search(text, max(begins, 0))
    return text.count("\n", 0, found.start()) + 1 if found else 1
