"""What one object of a process collects and hands on later: lost where the process stops."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Location, Severity
from django_scaleready.checks.code.memory.buffers import BUFFER, MADE
from django_scaleready.checks.code.summary import Fact, Moment, Summary

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.project import Project

# The path of a file, a class in it, and what that has.
Name = tuple[str, str, str]
_ONCE = frozenset({Moment.COMMAND, Moment.IMPORT})


def held_back(project: Project, slug: str) -> Iterator[tuple[Name, Name, Finding]]:
    """Yield what is kept in the one object of a class until there is more of it, or later.

    Each with its name, and that of the function which keeps it.
    """
    code = project.code
    for source, fact in code.facts(slug):
        if fact.data[0] != BUFFER:
            continue
        _, owner, name, line, is_one, method, *_, emptied = fact.data
        dotted = f"{source.module}.{owner}"
        made = code.once(_objects, slug).get(dotted, [])
        if not (made or is_one) or not _goes_out(code, fact):
            continue
        if _is_emptied_elsewhere(code, source, method, {owner, *(each for _, _, each in made)}):
            continue
        if code.moments(source, fact.function) <= _ONCE or project.is_operators(source, fact):
            continue
        places = [(source.path, line), (source.path, emptied), *(each[:2] for each in made)]
        key = (source.path, owner, name)
        yield (
            key,
            key,
            Finding(
                message=f"{owner}.{name} holds in each process by itself what is only handed on"
                " later: one that stops has lost it.",
                hint="Hand it on at once, or count in the cache: cache.incr().",
                location=Location(source.path, fact.line),
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
                related=tuple(dict.fromkeys(Location(*place) for place in places)),
            ),
        )


def _objects(code: Codebase, slug: str) -> dict[str, list[tuple[str, int, str]]]:
    """Return where modules make an object of a class, and its name, by that of the class."""
    found: dict[str, list[tuple[str, int, str]]] = {}
    for source, fact in code.facts(slug):
        if fact.data[0] == MADE and (at := code.locate(fact.data[1])):
            place = (source.path, fact.line, fact.data[2])
            found.setdefault(f"{at[0].module}.{at[1]}", []).append(place)
    return found


def _goes_out(code: Codebase, fact: Fact) -> bool:
    """Whether what is handed on goes to the database, to a task or to another host."""
    called, asks = fact.data[6:8]
    if asks:
        return True
    for name in called:
        # A method of a function is that of a task: sync.run_in_thread().
        found = code.reached(name) or code.reached(name.rpartition(".")[0])
        if any(each[2].io for each in found):
            return True
    return False


def _is_emptied_elsewhere(code: Codebase, source: Summary, method: str, names: set[str]) -> bool:
    """Whether another file names the method, and the class or its object."""
    for other in code:
        if other is not source and method in other.mentions:
            said = {dotted.rpartition(".")[2] for dotted in other.imported} | other.mentions
            if not names.isdisjoint(said):
                return True
    return False
