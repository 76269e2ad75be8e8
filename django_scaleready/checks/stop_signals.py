"""Signals on which what is told to stop ends at once, or never."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Severity
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django_scaleready.checks.base import Location
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.formats.supervisor import Program
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

# They listen for SIGTERM and SIGINT; Celery's worker ends cold on the third.
_SERVERS = frozenset({"daphne", "hypercorn", "uvicorn"})
_LOST_ON = frozenset({"KILL", "QUIT"})
# gunicorn's arbiter has SIGINT and SIGQUIT end its workers quickly.
_QUICK = frozenset({"INT", "QUIT"})
# Nobody can listen for it.
_KILL = "KILL"
_ENDS = re.compile(rb"^[^#\n]*\b(break|trap)\b", re.MULTILINE)


def _cut(process: Process) -> Iterator[tuple[Location, str, Command]]:
    """Yield what the signal cuts off that is said to stop a process, with where and which it is."""
    place, name = process.signal_said_at, process.stop_signal.removeprefix("SIG")
    # A dyno is sent SIGTERM, whatever its image says.
    if place is None or name not in _LOST_ON or process.once or process.kind is Kind.PROCFILE:
        return
    for command in process.commands:
        told = command.alone or process.signals_all
        known = command.program in _SERVERS or command.runs_celery("worker")
        if told and (known or (name == _KILL and (command.serves or command.works))):
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


def hurried(project: Project) -> Iterator[Finding]:
    """Yield, once for each place, a signal on which what is stopped waits for nothing."""
    programs = {p.location: p for read in project.deploy.supervisors for p in read.programs}
    yield from _killed(project, programs)
    places: dict[Location, tuple[str, str, str]] = {}
    for process, server in project.deploy.gunicorn:
        place, name = process.signal_said_at, process.stop_signal.removeprefix("SIG")
        for program in (programs[place] for place in server.command.via if place in programs):
            # Whatever supervisord is sent, it is told by that what to send.
            place, name = program.stop_at, program.stop
        worker = server.settings.get("worker_class")
        # A dyno is sent SIGTERM, whatever its image says; uvicorn's workers wait on all of them.
        waits = process.kind is Kind.PROCFILE or (worker and "uvicorn" in worker.value.lower())
        if place and name in _QUICK and server.command.alone and not waits:
            places[place] = name, "gunicorn", "answering"
    for process in project.deploy.processes:
        for where, signal, command in _cut(process):
            done = "answering" if command.serves else "doing"
            places.setdefault(where, (signal, command.program, done))
    for where, (signal, stopped, done) in places.items():
        yield Finding(
            message=f"SIG{signal} stops {stopped} at once: what it is {done} is cut off.",
            hint=f"Leave it at SIGTERM, on which {stopped} ends what it has begun.",
            location=where,
            severity=Severity.WARNING,
        )


def _killed(project: Project, programs: Mapping[Location, Program]) -> Iterator[Finding]:
    """Yield, once for each process, what its supervisord tells to stop by SIGKILL."""
    seen: set[Location] = set()
    for process in project.deploy.processes:
        found = {
            program.stop_at: command
            for command in process.commands
            for program in (programs[place] for place in command.via if place in programs)
            if program.stop == _KILL and program.stop_at and program.stop_at not in seen
            if command.serves or command.works or command.schedules or command.management
        }
        seen |= found.keys()
        if found and not process.once:
            (place, first), *others = found.items()
            yield Finding(
                message=(
                    f"supervisord stops {first.management or first.program} by SIGKILL: what it is"
                    " doing is cut off, and no grace period changes that."
                ),
                hint="Leave stopsignal at TERM, and give it time with stopwaitsecs.",
                location=place,
                severity=Severity.WARNING,
                related=tuple(place for place, _ in others),
            )
