"""Programs that are given other programs to start, each as a line for the shell or as words."""

from __future__ import annotations

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
    known = is_known(command.program, command.own) or bool(command.management)
    words = command.arguments if "&&" in command.arguments and not known else ()
    for joined, part in groupby(words, lambda word: word in _JOINS):
        if not joined:
            yield replace(command, words=tuple(part), supervised=True)


def _in_parallel(arguments: tuple[str, ...]) -> Iterator[str]:
    """Yield the lines that GNU parallel runs beside one another: ``parallel ::: "a b" "c d"``.

    If it is given a command, what follows are the arguments of that.
    """
    if _GIVEN in arguments:
        start = arguments.index(_GIVEN)
        before = pairwise(("", *arguments[:start]))
        if all(word.startswith("-") or option in _VALUED for option, word in before):
            yield from arguments[start + 1 :]
