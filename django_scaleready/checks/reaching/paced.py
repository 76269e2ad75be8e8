"""What the project's own programs do by a clock of their own, and who else keeps one from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.definitions import Found
from django_scaleready.checks.code.running import endless
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.reaching.started import begun, command_file, command_of, program_of

# How far calls are followed from where a program begins.
_DEEPEST = 3
# Each replica needs one: it tells of that replica, or looks after it.
_OF_REPLICAS = re.compile(r"(^|_)(exporter|metrics?|heartbeat|health\w*|watchdog|reload\w*)(_|$)")


def program(code: Codebase, command: Command) -> Summary | None:
    """Return the project's file that is started, be it a management command."""
    return command_file(code, command.management) or program_of(code, command)


def ticks(code: Codebase, summary: Summary) -> bool:
    """Whether a program does something again and again, with a pause between, and never ends."""
    noted = code.facts(endless.NOTED)
    lasting = {(source.path, fact.function) for source, fact in noted if fact.data == (True,)}
    if _OF_REPLICAS.search(command_of(summary.path)):
        return False
    return any((source.path, name) in lasting for source, name, _ in _run_by(code, summary))


def comes_to(code: Codebase, summary: Summary, functions: Set[Key]) -> bool:
    """Whether a program calls one of some functions, or what calls it."""
    return any((source.path, name) in functions for source, name, _ in _run_by(code, summary))


def _run_by(code: Codebase, summary: Summary) -> Iterator[Found]:
    return steps(code, begun(code, summary))


def steps(code: Codebase, first: Iterable[Found]) -> Iterator[Found]:
    """Yield some functions and what they run, the first first."""
    pending, seen = [*first], set()
    for _ in range(_DEEPEST + 1):
        new = [(s, name, function) for s, name, function in pending if (s.path, name) not in seen]
        yield from new
        seen |= {(source.path, name) for source, name, _ in new}
        called = (call.callee for _, _, function in new for call in function.calls)
        pending = [found for name in called if (found := code.function(name))]
