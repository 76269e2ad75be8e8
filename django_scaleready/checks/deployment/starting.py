"""From what a deploy file executes to what runs: through shells, scripts, supervisors."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path, PurePosixPath

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import (
    AS_USER,
    GROUP_INITS,
    IMPATIENT,
    INITS,
    MANAGERS,
    TASK_RUNNERS,
    WAITS,
    Command,
    is_known,
    is_wrapper,
    named,
    puts,
    shell_line,
)
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.finding import Finder
from django_scaleready.checks.deployment.formats import (
    node_scripts,
    procfile,
    recipes,
    service_folders,
    supervisor,
    uwsgi,
)
from django_scaleready.checks.deployment.process import Filled, Process
from django_scaleready.checks.deployment.shell import entry_functions, python_scripts
from django_scaleready.checks.deployment.shell.entry_points import entry_points
from django_scaleready.checks.deployment.shell.exports import exporting, filled, placed
from django_scaleready.checks.deployment.shell.script import Script, Step, parse
from django_scaleready.checks.deployment.shell.taken_apart import taken_apart
from django_scaleready.checks.deployment.shell.traps import cut_at
from django_scaleready.checks.deployment.shell.walk import Walker
from django_scaleready.checks.deployment.shell.words import Values

_SHELLS = frozenset({"sh", "bash", "dash", "ash", "zsh"})
# Given a line with -c, they start its last command in their own place; dash, which is Debian's sh,
# does not.
_MAKE_ROOM = frozenset({"bash", "ash"})
_DEEPEST = 8


class Follower:
    """Finds the programs behind a process; ``reached`` are the files that it went through."""

    def __init__(self, root: Path, files: Iterable[DeployFile], own: frozenset[str]) -> None:
        """Take the root, the deploy files, and the names of the project's own programs."""
        self._root = root
        self.finder = Finder(root, files)
        self._files = self.finder.files
        self._own = own
        self._entries = entry_points(root)
        self._parsed: dict[DeployFile, Script] = {}
        self.reached: set[str] = set()
        # What the process that is followed has copied so far: what, and to where.
        self._copies: list[tuple[str, str]] = []

    def find(self, path: str, process: Process) -> DeployFile | None:
        """Return the project's file behind a path in a container."""
        return self.finder.find(path, process)

    def commands(self, process: Process) -> tuple[Command, ...]:
        """Return the programs of a process, each once."""
        self._copies = []
        place = process.started_at or process.location
        inherited = service_folders.are_inherited(process, self.finder)
        words = ("/init", *process.words) if inherited else process.words
        first = Command(process.name, words, place, own=self._own)
        found = self._follow(replace(first, supervised=process.signals_all), process, 0)
        return tuple(dict.fromkeys(found))

    def _follow(self, command: Command, process: Process, depth: int) -> Iterator[Command]:
        words = named(command.words, self._own)
        if not words or depth > _DEEPEST:
            return
        name = PurePosixPath(words[0]).name
        command = replace(command, words=words)
        script = self._script(words[0], process)
        if name in _SHELLS:
            yield from self._shell(command, process, depth)
        elif script is not None and not (WAITS.search(name) and "--" in words):
            yield from self._steps(script, words, command, process, depth)
        elif made := recipes.of(words, partial(self._found, process=process), process.environment):
            yield from self._recipes(made, command, process, depth)
        elif name in node_scripts.PROGRAMS and (
            scripts := node_scripts.of(words, partial(self._found, process=process))
        ):
            yield from self._each(node_scripts.commands(*scripts, command), process, depth)
        elif is_wrapper(name) and (inner := self._inner(words, process)):
            group = name in GROUP_INITS or (name in INITS and "-g" in words)
            left = name if name in IMPATIENT and process.shell != "ash" else command.left_by
            supervised = command.supervised or group
            held = replace(command, words=inner, supervised=supervised, left_by=left)
            followed = [*self._follow(held, process, depth + 1)]
            # What it is told by whoever starts the container is not known here.
            asked = left == name and bool(shell_line(words))
            yield from followed or ([replace(held, words=words)] if asked else [])
        else:
            self._copies += puts(words)
            yield command
            yield from self._started_by(command, process, depth)

    def _inner(self, words: tuple[str, ...], process: Process) -> tuple[str, ...]:
        """Return what a wrapper runs, if that is more than a known program."""
        if line := shell_line(words):
            return ("bash", "-c", line)
        first = 2 if PurePosixPath(words[0]).name in AS_USER else 1
        for index, word in enumerate(words[first:], first):
            name = PurePosixPath(word).name
            if word == "--":
                return words[index + 1 :]
            if name in _SHELLS or self._script(word, process):
                return words[index:]
            if is_known(name, self._own) or (words[index - 1] == "-m"):
                return ()
        return ()

    def _script(self, word: str, process: Process) -> DeployFile | None:
        if word.startswith("-"):
            return None
        named = not re.search(r"[/.]", word)
        file = self.finder.in_path(word, process) if named else self.find(word, process)
        return file if file is not None and file.kind is Kind.SCRIPT else None

    def _shell(self, command: Command, process: Process, depth: int) -> Iterator[Command]:
        words = command.words
        for index, word in enumerate(words[1:], 1):
            if re.fullmatch(r"-[a-z]*c", word) and index + 1 < len(words):
                yield from self._line(words[index + 1], words[index + 2 :], command, process, depth)
                return
            if not word.startswith(("-", "+")):
                if file := self.find(word, process):
                    yield from self._steps(file, words[index:], command, process, depth)
                return

    def _line(
        self, text: str, more: tuple[str, ...], command: Command, process: Process, depth: int
    ) -> Iterator[Command]:
        place = command.location
        script = parse(place.path, text)
        one = "\n" not in text or isinstance(text, Filled)
        above = place.line - ("\n" not in text)
        name = PurePosixPath(command.words[0]).name
        makes_room = (process.shell if name == "sh" else name) in _MAKE_ROOM
        # Heroku sends a signal to each process of a dyno: its own shell stands in nobody's way.
        told = process.kind is Kind.PROCFILE and not depth
        for step in self._walk(script, more or ("sh",), process, above):
            execs = step.execs or told or (makes_room and step.begins == script.last_command)
            at = place if one else Location(step.path, step.line)
            yield from self._step(replace(step, execs=execs), at, command, process, depth)

    def _steps(
        self,
        file: DeployFile,
        words: tuple[str, ...],
        command: Command,
        process: Process,
        depth: int,
    ) -> Iterator[Command]:
        self.reached.add(file.path)
        for step in self._walk(self._script_in(file), words, process, 0):
            yield from self._step(step, Location(step.path, step.line), command, process, depth)

    def _recipes(
        self, scripts: Iterable[Script], command: Command, process: Process, depth: int
    ) -> Iterator[Command]:
        """Yield what make or just runs: it passes a signal on to that, and waits for its end."""
        held = replace(command, supervised=True)
        for script in scripts:
            for step in self._walk(script, command.words[:1], process, 0):
                yield from self._step(step, Location(step.path, step.line), held, process, depth)

    def _each(self, commands: Iterable[Command], process: Process, depth: int) -> Iterator[Command]:
        for command in commands:
            yield from self._follow(command, process, depth + 1)

    def modes(self, file: DeployFile) -> list[str]:
        """Return the first arguments that a script knows: what else it may be started as."""
        return self._script_in(file).modes

    def _script_in(self, file: DeployFile) -> Script:
        if file not in self._parsed:
            self._parsed[file] = parse(file.path, file.text)
        return self._parsed[file]

    def _walk(
        self, script: Script, words: tuple[str, ...], process: Process, above: int
    ) -> list[Step]:
        def load(path: str) -> Script | None:
            file = self._script(path, process) or self.finder.sourced(path, process)
            if file is None:
                return None
            self.reached.add(file.path)
            return self._script_in(file)

        values = Values.of(process.environment, words[1:], words[0])
        walker = Walker(values, load)
        walker.walk(script, above)
        return walker.steps

    def _step(
        self, step: Step, place: Location, command: Command, process: Process, depth: int
    ) -> Iterator[Command]:
        parsed = self._parsed.values() if step.handled else ()
        script = next((each for each in parsed if each.holds(step)), None)
        process = exporting(process, step.exports)
        alone = command.alone and (step.execs or step.handled)
        made = replace(
            command,
            words=step.words,
            location=place,
            alone=alone,
            below=command.below or (place if command.alone and not alone else None),
            awaited=command.awaited and step.waits,
            sure=command.sure and step.sure,
            repeated=command.repeated or step.repeated,
            output=step.output or command.output,
            cut=(cut_at(script) if script else None) or command.cut,
            folder=posixpath.join(command.folder, step.folder),
            draws=step.draws,
        )
        yield from self._follow(made, process, depth + 1)

    def _started_by(self, command: Command, process: Process, depth: int) -> Iterator[Command]:
        """Yield what a supervisor, a process manager or a server starts."""
        program = command.program
        if program == "supervisord":
            yield from self._supervised(command, process, depth)
        elif program in MANAGERS:
            yield from self._managed(command, process, depth)
        elif program in {"uwsgi", "uwsgi-core", "pyuwsgi"}:
            find = partial(self._found, process=process)
            started = uwsgi.commands(command, find, process.environment)
            yield from self._each(started, process, depth)
        elif program in service_folders.PROGRAMS:
            services = service_folders.commands(command, process, self.finder, self._copies)
            for file, service in services:
                yield from self._steps(file, service.words, service, process, depth + 1)
            if program == "init":
                # It runs what it is given beside them.
                yield from self._each([replace(command, words=command.arguments)], process, depth)
        else:
            yield from self._each(taken_apart(command), process, depth)
            if is_known(program, self._own) and program not in TASK_RUNNERS:
                function = self._entries.get(program, "")
                found = entry_functions.commands(self._root, command, function)
            else:
                found = python_scripts.commands(self._root, command, process)
            yield from self._each(found, process, depth)

    def _found(self, path: str, process: Process) -> DeployFile | None:
        file = self.find(path, process)
        if file is not None:
            self.reached.add(file.path)
        return file

    def _supervised(self, command: Command, process: Process, depth: int) -> Iterator[Command]:
        path = command.option("-c", "--configuration") or "supervisord.conf"
        found = [self._found(path, process)]
        if found == [None]:
            copied = supervisor.installed([*process.copies, *self._copies])
            found = [self._found(each, process) for each in copied]
        files = [file for file in found if file is not None and file.kind is Kind.SUPERVISOR]
        find = partial(self._found, process=process)
        listed = (supervisor.programs(f, self._files.values(), self._copies, find) for f in files)
        for program in dict.fromkeys(itertools.chain.from_iterable(listed)):
            self.reached.add(program.location.path)
            words = filled(program.words, process.environment)
            made = replace(
                command,
                words=placed(words, program.folder, partial(self._script, process=process)),
                location=program.location,
                awaited=False,
                alone=True,
                supervised=program.whole_group,
                repeated=command.repeated or program.repeats,
                via=(command.location, program.location),
            )
            yield from self._follow(made, process, depth + 1)

    def _managed(self, command: Command, process: Process, depth: int) -> Iterator[Command]:
        file = self._found(command.option("-f", "--procfile") or "Procfile", process)
        made = (
            replace(command, words=("sh", "-c", text), location=place, supervised=True)
            for text, place in (procfile.managed(file, command.arguments) if file else ())
        )
        yield from self._each(made, process, depth)
