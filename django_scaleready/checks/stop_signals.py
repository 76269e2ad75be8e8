"""Signals on which what is told to stop ends at once, other than gunicorn's own, or never."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django_scaleready.checks.base import Location
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

# They listen for SIGTERM and SIGINT; Celery's worker ends cold on the third.
_SERVERS = frozenset({"daphne", "hypercorn", "uvicorn"})
_LOST_ON = frozenset({"KILL", "QUIT"})
_ENDS = re.compile(rb"^[^#\n]*\b(break|trap)\b", re.MULTILINE)


def cut(process: Process) -> Iterator[tuple[Location, str, Command]]:
    """Yield what the signal cuts off that is said to stop a process, with where and which it is."""
    place, name = process.signal_said_at, process.stop_signal.removeprefix("SIG")
    # A dyno is sent SIGTERM, whatever its image says.
    if place is None or name not in _LOST_ON or process.once or process.kind is Kind.PROCFILE:
        return
    for command in process.commands:
        told = command.alone or process.signals_all
        known = command.program in _SERVERS or command.runs_celery("worker")
        if told and (known or (name == "KILL" and (command.serves or command.works))):
            yield place, name, command


def is_looped(project: Project, process: Process, command: Command) -> bool:
    """Whether a shell runs a command of Django's again and again, and nothing ends the loop.

    With a trap bash ends when the command has that it waits for.
    """
    looped = command.repeated and command.awaited and command.management
    # What no deploy file starts may be anybody's.
    elsewhere = process.kind is Kind.SCRIPT and not process.on_demand
    if not looped or elsewhere or process.serves:
        return False
    text = files.content(project.root, command.location.path)
    return not _ENDS.search(text)
