"""Which files of the project a deployment starts as programs, as it starts a server.

A bot, a consumer of a queue, a worker of one's own: ``python -m shop.workers.mails``; a management
command that a task or a view calls. By its looks such a file is a script, which somebody runs by
hand (see ``code.by_hand``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from django_scaleready.checks.code.by_hand import only_by_hand, run_by_hand
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Fact, Moment, Summary
from django_scaleready.checks.deployment.command import MANAGE, Command
from django_scaleready.checks.deployment.view import Deployment

_PYTHON = re.compile(r"(python|pypy)[\d.]*")
_COMMANDS = "/management/commands/"
# Such a command goes on running, whether a file here starts it or not.
_LASTS = re.compile(
    r"(^|_)(run|serve|start|listen|consum|watch|daemon|loop|poll)|dequeue|server|worker"
)
# Such a one ends, although it is the last that a container runs.
_ENDS = re.compile(
    r"(^|_)(init|migrat|setup|set_up|wait|seed|load|import|export|creat|collect|compil|bootstrap"
    r"|check|test|install|populat|generat|sync|updat|clean|fix|ensure|reset|dump|build)"
)
# Of functions that do not say when they run.
_UNSAID = frozenset({Moment.COMMAND, Moment.IMPORT, Moment.REQUEST})


def is_started_command(deploy: Deployment, source: Summary) -> bool:
    """Whether a file is a management command that every replica runs at its start."""
    return _command(source.path) in deploy.started_commands


def is_shared_by_commands(code: Codebase, deploy: Deployment, source: Summary, fact: Fact) -> bool:
    """Whether a place is in a file, or a class, that nothing but an operator's commands imports.

    They may call what is in it by ways that are not followed: through an object that is kept.
    """
    commands = code.once(_shared).get(source.path) or _importing_class(code, source, fact)
    if not commands or not commands.isdisjoint(_managed(deploy)):
        return False
    return code.moments(source, fact.function) <= _UNSAID


def _importing_class(code: Codebase, source: Summary, fact: Fact) -> set[str]:
    """Return the commands that import the class around a place, none if others may come to it."""
    name = fact.function.partition(".")[0]
    dotted = f"{source.module}.{name}"
    if name not in source.classes or name in code.once(_derived_from) or code.is_mentioned(name):
        return set()
    # A class of Django or of a package may be one that settings, rows or the package name.
    if any("." in base and code.locate(base) is None for base in source.classes[name].bases):
        return set()
    calls = (call for each in source.functions.values() for call in each.calls)
    if any(call.callee == dotted for call in calls):
        return set()
    commands = {_command(summary.path) for summary in code if dotted in summary.imported}
    return set() if "" in commands or any(map(_LASTS.search, commands)) else commands


def _derived_from(code: Codebase) -> frozenset[str]:
    classes = (each for summary in code for each in summary.classes.values())
    return frozenset(base.rpartition(".")[2] for each in classes for base in each.bases)


def _managed(deploy: Deployment) -> set[str]:
    return {command.management for each in deploy.processes for command in each.commands}


def _shared(code: Codebase) -> dict[str, set[str]]:
    """Return the files that commands alone import, directly or not, with the commands' names."""
    scripts = code.once(run_by_hand)
    found: dict[str, set[str]] = {path: set() for path in code.once(only_by_hand) - scripts}
    changed = True
    while changed:
        changed = False
        for path, names in found.items():
            before = len(names)
            for by in code.importers[path]:
                names.update({_command(by)} if by in scripts else found.get(by, ()))
            changed |= len(names) != before
    return {path: names for path, names in found.items() if _is_plain(code, path, names)}


def _is_plain(code: Codebase, path: str, commands: set[str]) -> bool:
    """Whether no program comes to a file, and no setting or row may name a class of it."""
    bases = (base for each in code.by_path[path].classes.values() for base in each.bases)
    lasting = "" in commands or any(map(_LASTS.search, commands))
    return not lasting and all("." not in base for base in bases)


def _command(path: str) -> str:
    """Return the name of a management command by the path of its file."""
    return path.rpartition("/")[2].removesuffix(".py") if _COMMANDS in f"/{path}" else ""


def programs(code: Codebase, deploy: Deployment) -> frozenset[str]:
    """Return the paths of the programs that go on running, and of what only programs import.

    What a start script runs before it comes to its server ends before there is anything to serve.
    """
    started = {file.path for command in _last(deploy) if (file := _program(code, command))}
    started |= code.once(called_commands)
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


def called_commands(code: Codebase) -> frozenset[str]:
    """Return the management commands that a task or a request calls, as ``call_command`` does."""
    facts = code.facts("called-commands")
    named = {fact.data[0] for source, fact in facts if not code.is_operators(source, fact)}
    return frozenset(
        summary.path for summary in (code if named else ()) if _command(summary.path) in named
    )


def _last(deploy: Deployment) -> Iterator[Command]:
    """Yield what containers and units end up running, and what a supervisor runs in them."""
    for process in deploy.processes:
        if process.own and not process.once and not process.on_demand:
            yield from process.commands[-1:]
            yield from (command for command in process.commands[:-1] if not command.awaited)


def _program(code: Codebase, command: Command) -> Summary | None:
    """Return the project's file that a command gives to Python."""
    words = iter(command.words)
    if not any(_PYTHON.fullmatch(PurePosixPath(word).name) for word in words):
        return None
    for word in words:
        if PurePosixPath(word).name in MANAGE:
            return _lasting(code, next(words, ""))
        if word == "-m":
            return code.by_module.get(next(words, ""))
        if not word.startswith("-"):
            return _at(code, word)
    return None


def _lasting(code: Codebase, name: str) -> Summary | None:
    """Return the project's own command of a name, unless it says that it ends."""
    if _ENDS.search(name):
        return None
    return next((source for source in code if name and _command(source.path) == name), None)


def _at(code: Codebase, word: str) -> Summary | None:
    """Return the only file that a path in the container may be."""
    path = PurePosixPath(word)
    if path.name in MANAGE or path.suffix != ".py":
        return None
    end = "/" + "/".join(part for part in path.parts if part not in {"/", "."})
    found = [s for s in code if f"/{s.path}".endswith(end) or end.endswith(f"/{s.path}")]
    return found[0] if len(found) == 1 else None
