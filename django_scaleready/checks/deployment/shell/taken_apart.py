"""Programs that are given other programs to start, each as a line for the shell or as words."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby, pairwise

from django_scaleready.checks.deployment.command import LINES, PARALLEL, Command, is_known

# What stands between the commands of a line, "|||" for those who have no shell.
_JOINS = frozenset({"&&", "||", "|||", ";", "&"})
# What GNU parallel is told with a word behind it.
_VALUED = frozenset(
    [
        *("-j", "-P", "-S", "--jobs", "--max-procs", "--halt", "--halt-on-error", "--delay"),
        *("--joblog", "--load", "--memfree", "--nice", "--results", "--retries", "--tagstring"),
        *("--termseq", "--timeout", "--tmpdir", "--wd", "--workdir"),
    ]
)
_GIVEN = ":::"
# Debian's: its supervisord reads this file, and puts itself into the background.
_SERVICES = frozenset({"supervisor", "supervisord"})
_BEGINS = frozenset({"start", "restart"})
_READS = ("supervisord", "-c", "/etc/supervisor/supervisord.conf")


def taken_apart(command: Command) -> Iterator[Command]:
    """Yield what a program starts that is given words like a shell's line, && among them.

    Where no shell is, && says something to that program alone. One that is known here takes it for
    an argument like others.
    """
    if command.program == LINES:
        lines = (word for word in command.arguments if not word.startswith("-"))
        yield from (replace(command, words=("sh", "-c", w), supervised=True) for w in lines)
    elif command.program == PARALLEL:
        # Whether it tells them of a signal depends on its version; behind a shell it gets none.
        told = command.supervised or command.alone
        for line in _in_parallel(command.arguments):
            yield replace(command, words=("sh", "-c", line), supervised=told)
    elif _begins_supervisor(command):
        below = command.below or (command.location if command.alone else None)
        away = replace(command, alone=False, awaited=False, repeated=False, below=below)
        yield replace(away, words=_READS)
    known = is_known(command.program, command.own) or bool(command.management)
    words = command.arguments if "&&" in command.arguments and not known else ()
    for joined, part in groupby(words, lambda word: word in _JOINS):
        if not joined:
            yield replace(command, words=tuple(part), supervised=True)


def _begins_supervisor(command: Command) -> bool:
    """Whether it is ``service supervisor start``, or the script that this runs."""
    words = (*command.call[:1], *command.arguments)
    if command.program == "service":
        words = command.arguments
    elif posixpath.dirname(command.call[0] if command.call else "") != "/etc/init.d":
        return False
    names = {posixpath.basename(word) for word in words[:1]}
    return not _SERVICES.isdisjoint(names) and not _BEGINS.isdisjoint(words[1:2])


def _in_parallel(arguments: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines that GNU parallel runs beside one another: ``parallel ::: "a b" "c d"``.

    If it is given a command, what follows are the arguments of that.
    """
    if _GIVEN in arguments:
        start = arguments.index(_GIVEN)
        before = pairwise(("", *arguments[:start]))
        if all(word.startswith("-") or option in _VALUED for option, word in before):
            yield from arguments[start + 1 :]
