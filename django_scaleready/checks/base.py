"""What a rule is and what it finds. Pure data: knows neither Django nor the project."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.code.summary import Fact
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project


class Severity(enum.StrEnum):
    """How bad a finding is. Only an error fails the command by default."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Area(enum.StrEnum):
    """What a rule reads; each has a tag of its own (``--tag scaleready-deploy``).

    LIVE asks running services, which nobody does without ``--live``; RUN judges what a witness saw,
    and has nothing to judge without ``--witnessed``.
    """

    SETTINGS = "settings"
    SOURCE = "source"
    DEPLOY = "deploy"
    LIVE = "live"
    RUN = "run"


class Leak(enum.StrEnum):
    """What is lost, or lacking, when it happens: the worst first. Reports are grouped by it."""

    DATA = "data"
    STATE = "state"
    WORK = "work"
    CONNECTIONS = "connections"
    LIFECYCLE = "start-stop"
    LOGS = "logs"
    UNUSED = "unused"

    @property
    def heading(self) -> str:
        """The same in a few words, for people."""
        return _HEADINGS[self]


_HEADINGS = {
    Leak.DATA: "Data on one replica",
    Leak.STATE: "State in one process",
    Leak.WORK: "Work done by each replica, or lost",
    Leak.CONNECTIONS: "Connections and time-outs",
    Leak.LIFECYCLE: "Start, probes and stop",
    Leak.LOGS: "Logs",
    Leak.UNUSED: "Carried along for nothing",
}


class Confidence(enum.StrEnum):
    """How sure the rule is that it sees what it names."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in the project: a path relative to its root, and a 1-based line.

    Line 0 means the place is the file as a whole, or the absence of something in it.
    """

    path: str
    line: int = 0

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" if self.line else self.path


@dataclass(frozen=True, slots=True)
class Finding:
    """One underlying leak: where it is, what breaks with two replicas, what to do here.

    An error must be certain, so ValueError is raised for one with less than high confidence.
    """

    message: str
    hint: str
    location: Location
    severity: Severity
    confidence: Confidence = Confidence.HIGH
    related: tuple[Location, ...] = ()

    def __post_init__(self) -> None:
        """Hold the promise that an error is never a guess."""
        if self.severity is Severity.ERROR and self.confidence is not Confidence.HIGH:
            raise ValueError(f"An error needs high confidence, got {self.confidence}.")


# The id of what could not be decided.
UNKNOWN_ID = "scaleready.W000"


@dataclass(frozen=True, slots=True)
class Unknown:
    """Something that could not be decided; never left unsaid."""

    subject: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rule:
    """One way in which state stays behind in a process or on a disk.

    ``code`` is the stable check id (``scaleready.E001``), never issued twice; the letter is the
    worst severity the rule can give. ``slug`` is the name of its module, docs page and test.
    ``leak`` is the group in which its findings are shown.
    ``find`` yields what it sees, and what it could not decide; it has no side effects. ``collect``
    notes in each file of source, by itself, what ``find`` then joins; it is pure, and its notes are
    kept from one run to the next.
    """

    code: str
    slug: str
    find: Callable[[Project], Iterator[Finding | Unknown]] = field(compare=False)
    area: Area = Area.SETTINGS
    collect: Callable[[Reading], Iterator[Fact]] | None = field(default=None, compare=False)
    leak: Leak = field(kw_only=True)


def number_of(name: str) -> int | None:
    """Return the number in an id, short or long (``scaleready.E001``, ``w1``); None without one.

    No two rules share one, and the letter is easily got wrong: a rule that may give errors shows
    as a warning, too.
    """
    match = re.fullmatch(r"(?:scaleready\.)?[eiw]?(\d{1,3})", name.strip().lower(), re.ASCII)
    return int(match[1]) if match else None


@dataclass(frozen=True, slots=True)
class Found:
    """A finding and the rule it comes from."""

    rule: Rule
    finding: Finding


@dataclass(slots=True)
class Result:
    """What some rules found in a project."""

    found: list[Found] = field(default_factory=list)
    unknown: list[Unknown] = field(default_factory=list)
    # Those that were run, be it to no avail.
    ran: list[Rule] = field(default_factory=list)
    # How many findings the project's own comments silence.
    suppressed: int = 0
    # What there was to read about the deployment; None if no rule asked.
    deploy_files: tuple[str, ...] | None = None
    # How many replicas the settings declare; None if they declare none.
    replicas: int | None = None
