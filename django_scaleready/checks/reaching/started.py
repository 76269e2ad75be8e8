"""Which files of the project a deployment starts as programs, as it starts a server.

A bot, a consumer of a queue, a worker of one's own: ``python -m shop.workers.mails``; a management
command that a task or a view calls. By its looks such a file is a script, which somebody runs by
hand (see ``code.running.by_hand``). One that consumes a queue or never leaves its loop is a worker,
whether anything here starts it or not: nobody sits before it until it ends.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from itertools import islice
from pathlib import PurePosixPath

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.definitions import Found
from django_scaleready.checks.code.running import endless
from django_scaleready.checks.code.running.by_hand import (
    SCRIPT_FOLDERS,
    is_runscript,
    only_by_hand,
    run_by_hand,
)
from django_scaleready.checks.code.summary import MAIN, Summary
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import is_for_development
from django_scaleready.checks.deployment.view import Deployment

_PYTHON = re.compile(r"(python|pypy)[\d.]*")
# They give Python a file or a module.
_RUN = frozenset({("uv", "run"), ("pdm", "run")})
_RUNSCRIPT = "runscript"
_COMMANDS = "/management/commands/"
# Such a command goes on running, whether a file here starts it or not.
_LASTS = re.compile(
    r"(^|_)(run|serve|start|listen|consum|watch|daemon|loop|poll|bot($|_))|dequeue|server|worker"
)
# Such a one serves those who test, however long it runs.
_FOR_TESTS = re.compile(r"(^|_)(test|mock|fake|seed|load|populat)")
# Of kombu's; what is derived from one consumes for as long as it runs.
_MIXINS = ("kombu.mixins.ConsumerMixin", "kombu.mixins.ConsumerProducerMixin")
# Such a one ends, although it is the last that a container runs.
_ENDS = re.compile(
    r"(^|_)(init|migrat|setup|set_up|wait|seed|load|import|export|creat|collect|compil|bootstrap"
    r"|check|test|install|populat|generat|sync|updat|clean|fix|ensure|reset|dump|build)"
)


def is_started_command(deploy: Deployment, source: Summary) -> bool:
    """Whether a file is a management command that every replica runs at its start."""
    return command_of(source.path) in deploy.started_commands


def _managed(deploy: Deployment) -> set[str]:
    commands = (command for each in deploy.processes for command in each.commands)
    return {command.management for command in commands if command.management}


def command_of(path: str) -> str:
    """Return the name of a management command by the path of its file."""
    return path.rpartition("/")[2].removesuffix(".py") if _COMMANDS in f"/{path}" else ""


def programs(code: Codebase, deploy: Deployment) -> frozenset[str]:
    """Return the paths of the programs that go on running, and of what only programs import.

    What a start script runs before it comes to its server ends before there is anything to serve.
    """
    started = {file.path for command in _last(deploy) if (file := program_of(code, command))}
    return _with_their_own(code, started | code.once(called_commands) | code.once(workers))


def in_workers(code: Codebase) -> frozenset[str]:
    """Return the paths of commands that tasks and requests call, and of what only programs import.

    What such a module keeps is there when its command is called again.
    """
    return _with_their_own(code, code.once(called_commands))


def _with_their_own(code: Codebase, started: Set[str]) -> frozenset[str]:
    """Return the paths of programs, and of what these import and nothing but programs does."""
    found: set[str] = set()
    while started:
        found |= started
        # A command may use the same file, and is not judged for it.
        others = found | code.once(only_by_hand)
        started = {
            path
            for path, by in code.importers.items()
            if by & found and by <= others and path not in found
        }
    return frozenset(found)


def running(code: Codebase, deploy: Deployment, lasting: Set[str]) -> frozenset[str]:
    """Return the paths of programs, and of commands that are deployed, or last by their names."""
    managed = _managed(deploy)
    found = {*lasting}
    scripts = code.once(run_by_hand)
    started = {
        path
        for path in scripts
        if command_of(path) in managed or _LASTS.search(PurePosixPath(path).stem)
    }
    # What lies beside commands, and is imported by one.
    while started:
        found |= started
        started = {path for path in scripts - found if code.importers.get(path, set()) & found}
    return frozenset(found)


def by_clock(code: Codebase, named: Set[str]) -> frozenset[str]:
    """Return the project's own among the commands and the scripts that a clock starts."""
    scripts = (_at(code, name) for name in named if name.endswith(".py"))
    commands = (source for source in (code if named else ()) if command_of(source.path) in named)
    return frozenset(source.path for source in (*commands, *scripts) if source is not None)


def called_commands(code: Codebase) -> frozenset[str]:
    """Return the management commands that a task or a request calls, as ``call_command`` does."""
    facts = code.facts("called-commands")
    whole = ((source, fact) for source, fact in facts if fact.data[1])
    named = {fact.data[0] for source, fact in whole if not code.is_operators(source, fact)}
    return frozenset(
        summary.path for summary in (code if named else ()) if command_of(summary.path) in named
    )


def workers(code: Codebase) -> frozenset[str]:
    """Return the commands, and files with a main block, that go on for as long as their process.

    They do so themselves, or in what they call first.
    """
    noted = code.facts(endless.NOTED)
    lasting = {(source.path, fact.function) for source, fact in noted}
    found = (summary.path for summary in code if _works(code, summary, lasting))
    return frozenset(path for path in found if not is_for_development(path))


def _works(code: Codebase, summary: Summary, lasting: Set[Key]) -> bool:
    first = list(begun(code, summary))
    called = [call.callee for _, _, function in first for call in function.calls]
    steps = [*first, *(found for name in called if (found := code.function(name)))]
    if any((source.path, name) in lasting for source, name, _ in steps):
        return True
    return any(_consumes(code, name) for name in called)


def begun(code: Codebase, summary: Summary) -> Iterator[Found]:
    """Yield what a command is started with, or what a main block calls."""
    name = command_of(summary.path)
    if _FOR_TESTS.search(name):
        return
    if name:
        # It may stand in a class of the project that the command is derived from.
        found = code.function(f"{summary.module}.Command.handle")
        yield from [found] if found else ()
    elif MAIN in summary.functions and not SCRIPT_FOLDERS.intersection(
        summary.path.split("/")[:-1]
    ):
        for call in summary.functions[MAIN].calls:
            if found := code.function(call.callee):
                yield found


def _consumes(code: Codebase, callee: str) -> bool:
    """Whether a call is of a consumer that kombu runs."""
    owner, _, method = callee.rpartition(".")
    if method != "run":
        return False
    return any(name.endswith(_MIXINS) for name in code.ancestors(owner))


def _last(deploy: Deployment) -> Iterator[Command]:
    """Yield what containers and units end up running, and what a supervisor runs in them."""
    for process in deploy.processes:
        if process.own and not process.once and not process.on_demand:
            yield from process.commands[-1:]
            yield from (command for command in process.commands[:-1] if not command.awaited)


def program_of(code: Codebase, command: Command) -> Summary | None:
    """Return the project's file that a command gives to Python."""
    if command.management == _RUNSCRIPT:
        return _runscript(code, command)
    if command.management:
        return _lasting(code, command.management)
    words = iter(command.words)
    runs = command.words[:2] in _RUN
    if not runs and not any(_PYTHON.fullmatch(PurePosixPath(word).name) for word in words):
        return None
    for word in islice(words, 2 * runs, None):
        if word == "-m":
            return code.by_module.get(next(words, ""))
        if not word.startswith("-") and not _PYTHON.fullmatch(PurePosixPath(word).name):
            return _at(code, word)
    return None


def _runscript(code: Codebase, command: Command) -> Summary | None:
    """Return the file that django-extensions runs, unless it says that it ends."""
    names = {word.rpartition(".")[2] for word in command.words if not word.startswith("-")}
    found = ((s, s.module.rpartition(".")[2]) for s in code if is_runscript(s))
    return next((s for s, name in found if name in names and not ends(name)), None)


def _lasting(code: Codebase, name: str) -> Summary | None:
    """Return the project's own command of a name, unless it says that it ends."""
    return None if ends(name) else command_file(code, name)


def ends(name: str) -> bool:
    """Whether a program says by its name that it ends."""
    return bool(_ENDS.search(name))


def command_file(code: Codebase, name: str) -> Summary | None:
    """Return the file of the project's own command of a name."""
    return next((source for source in code if name and command_of(source.path) == name), None)


def _at(code: Codebase, word: str) -> Summary | None:
    """Return the only file that a path in the container may be."""
    path = PurePosixPath(word)
    if path.suffix != ".py":
        return None
    end = "/" + "/".join(part for part in path.parts if part not in {"/", "."})
    found = [s for s in code if f"/{s.path}".endswith(end) or end.endswith(f"/{s.path}")]
    return found[0] if len(found) == 1 else None
