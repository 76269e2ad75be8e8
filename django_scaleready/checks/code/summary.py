"""What is kept of a file once it was read: plain data, small enough for a cache on disk."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import Any, NamedTuple

# What an expression stands for, as far as one file can tell: a kind and what belongs to it, for
# instance ("setting", "MEDIA_ROOT"), ("name", "shop.paths.TOKEN"), ("temp",). See ``values``.
Term = tuple[str, ...]
# Pseudo functions: what runs under ``if __name__ == "__main__"``, under DEBUG, and a lambda of the
# module.
MAIN, DEVELOPED, LATER = "<main>", "<debug>", "<lambda>"
# As a function, what ``__all__`` alone says of a file.
EXPORTED = "<exported>"
# The name of a task that only running the code would tell, or that nobody has to say.
UNTOLD = "<untold>"


class Moment(enum.StrEnum):
    """When a piece of code runs."""

    IMPORT = "import"
    READY = "ready"
    REQUEST = "request"
    SIGNAL = "signal"
    TASK = "task"
    COMMAND = "command"


class Fact(NamedTuple):
    """Something a rule noted in a file: where, in which function, and what the rule wants to know.

    ``data`` means something to that rule alone.
    """

    line: int
    function: str
    data: tuple[Any, ...] = ()


class Rows(NamedTuple):
    """The dotted name of a model, "" if it is not known, and whether constants pick one row."""

    model: str
    fixed: bool


class Fill(NamedTuple):
    """The line, the function, what is surely kept, whose answer it may be otherwise, which rows."""

    line: int
    function: str
    kept: str
    sources: tuple[str, ...] = ()
    rows: tuple[Rows, ...] = ()


class Flow(NamedTuple):
    """An argument that says where it comes from: the called function, which argument, the term."""

    callee: str
    argument: int | str
    term: Term
    line: int
    function: str


class Call(NamedTuple):
    """A call of what may be a function of the project: its dotted name, and what it passes.

    ``timeout`` says whether one is given by name (see ``http``), ``positional`` counts arguments.
    ``deferred`` is one in a lambda, which is called by whoever gets that, if at all. ``named`` are
    the arguments that it gives by name, and stars for those that come in a list or a mapping.
    """

    callee: str
    line: int
    timeout: int
    positional: int
    deferred: bool = False
    named: tuple[str, ...] = ()


class Function(NamedTuple):
    """One function: when it runs by its own looks, what it calls, and what its callers must know.

    ``io`` pairs a kind of I/O ("http", "machine", "database") with lines. ``returned`` is where a
    returned path leads. ``decorators`` may tell somebody of it, as a task under the name
    ``registered``, if it is given one.
    """

    line: int
    moment: Moment
    parameters: tuple[str, ...] = ()
    calls: tuple[Call, ...] = ()
    io: tuple[tuple[str, int], ...] = ()
    returned: Term | None = None
    decorators: tuple[str, ...] = ()
    registered: str = ""

    @property
    def decorated(self) -> bool:
        """Whether something may know it that no code hands it to."""
        return bool(self.decorators)


class Class(NamedTuple):
    """One class: where it stands, and what it derives from and is decorated with, not resolved."""

    line: int
    bases: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@dataclass(slots=True)
class Suppression:
    """A comment ``# scaleready: ignore[slug] reason``, and the lines it speaks for."""

    line: int
    slugs: tuple[str, ...]
    reason: str
    covers: tuple[int, ...]


@dataclass(slots=True)
class Summary:
    """All that the joins and the rules may know of one file.

    ``imported`` are the dotted names of what is imported, ``under_debug`` of what is so under DEBUG
    alone. ``functions`` holds the module itself under "", each function under its qualified name.
    ``mentions`` are the names that stand after a dot, used to see who may call a method; ``said``
    are all names by the function or class that says them (see ``code.tree.said``).
    ``may_be_settings`` is false of a file that says nothing which settings modules say.
    """

    path: str
    module: str
    is_script: bool = False
    may_be_settings: bool = True
    imported: frozenset[str] = frozenset()
    under_debug: frozenset[str] = frozenset()
    mentions: frozenset[str] = frozenset()
    said: dict[str, str] = field(default_factory=dict)
    functions: dict[str, Function] = field(default_factory=dict)
    classes: dict[str, Class] = field(default_factory=dict)
    values: dict[str, Term] = field(default_factory=dict)
    flows: list[Flow] = field(default_factory=list)
    facts: dict[str, list[Fact]] = field(default_factory=dict)
    suppressions: list[Suppression] = field(default_factory=list)
    # What a rule could not tell of it, and why.
    undecided: list[str] = field(default_factory=list)
    problem: str = ""
    line: int = 0
    fatal: bool = False
