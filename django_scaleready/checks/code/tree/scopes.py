"""Scopes, the calls in them, and what is known of a place from the blocks around it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

Function = ast.FunctionDef | ast.AsyncFunctionDef

# What is known of the place of a statement, from the blocks around it.
DEBUG = 1  # under ``if settings.DEBUG``, or in the development server alone
NEVER = 2  # under ``if TYPE_CHECKING``, or below a ``return``: it does not run
MAIN = 4  # under ``if __name__ == "__main__"``: an operator runs it
LOOP = 8  # in a ``while``: nobody knows how often
DEFERRED = 16  # in a lambda: it runs when that is called
ATOMIC = 32
LOCKED = 64
EXCEPT = 128
LEAVES = 256  # in a branch that ends the function or the turn of a loop: an early way out
# A deployed replica never comes here.
GUARDED = DEBUG | NEVER | MAIN
# What is said there leads no replica anywhere.
SILENT = DEBUG | NEVER
# What no process says that imports the file.
ASIDE = SILENT | MAIN
# What begins a transaction: Django's, a cursor's or a client's own, and a project's own wrapper of
# Django's, which is called after it. Who writes a file so says that it does.
_BEGINS = re.compile(
    r"(?:transaction\.atomic|xact|_atomic|atomic_transaction)$(?<!open_atomic)(?<!write_atomic)"
)


def begins_transaction(name: str) -> bool:
    """Whether what has a dotted name begins a transaction, as a block or as a decorator."""
    return _BEGINS.search(name) is not None


class Scope:
    """A module, a class or a function: the names it binds and the calls it makes."""

    __slots__ = (
        "_around",
        "attributes",
        "bindings",
        "binds_attributes",
        "calls",
        "changes",
        "decorators",
        "flags",
        "function",
        "globals",
        "kind",
        "name",
        "names",
        "node",
        "parameters",
        "parent",
        "qualname",
        "returns",
        "texts",
    )

    def __init__(self, kind: str, node: ast.AST, name: str, parent: Scope | None, flags: int = 0):
        self.kind = kind
        self.node = node
        self.name = name
        self.parent = parent
        self.flags = flags
        prefix = f"{parent.qualname}." if parent and parent.qualname else ""
        self.qualname: str = prefix + name
        # The nearest scope around that is a class, and the qualified name of the nearest function.
        self._around: Scope | None = parent.owner if parent else None
        inside = parent.function if parent else ""
        self.function: str = self.qualname if kind == "function" else inside
        self.bindings: dict[str, list[ast.expr]] = {}
        # Whether there are any with a dot among them; most functions have none.
        self.binds_attributes = False
        self.calls: list[tuple[ast.Call, int]] = []
        # Statements that change something in place: X[k] = v, del X[k], X += v.
        self.changes: list[tuple[ast.stmt, int]] = []
        self.returns: list[ast.expr] = []
        self.globals: set[str] = set()
        self.parameters: dict[str, ast.expr | None] = {}
        self.decorators: list[ast.expr] = []
        # What is said here: names after a dot, other names, and texts that may be a name.
        self.attributes: set[str] = set()
        self.names: set[str] = set()
        self.texts: set[str] = set()

    def told_decorators(self, option: str) -> list[ast.expr]:
        """Return what the decorators are given by a name: ``@app.task(base=Base)``."""
        calls = (decorator for decorator in self.decorators if isinstance(decorator, ast.Call))
        return [k.value for call in calls for k in call.keywords if k.arg == option]

    def given_names(self) -> set[str]:
        """Return what its decorators call it: ``@task(name="shop.sync")``."""
        given = (getattr(value, "value", None) for value in self.told_decorators("name"))
        return {name for name in given if isinstance(name, str)}

    @property
    def owner(self) -> Scope | None:
        """The nearest class around, itself included.

        A class that pointed to itself would keep the file's whole tree until the next collection.
        """
        return self if self.kind == "class" else self._around

    @property
    def outer(self) -> Iterator[Scope]:
        """This scope and those around it, the nearest first."""
        scope: Scope | None = self
        while scope:
            yield scope
            scope = scope.parent

    def has_own(self, name: str) -> bool:
        """Whether a name is given, here or around, to something else than an import."""
        return any(name in outer.bindings or name in outer.parameters for outer in self.outer)

    @property
    def line(self) -> int:
        """Where it begins; 0 for the module."""
        return getattr(self.node, "lineno", 0)


class Site(NamedTuple):
    """A call and where it stands."""

    call: ast.Call
    scope: Scope
    flags: int

    @property
    def line(self) -> int:
        """The line on which the call begins."""
        return self.call.lineno

    @property
    def names(self) -> set[str]:
        """The names by which its scope keeps what it returns."""
        return {name for name, values in self.scope.bindings.items() if self.call in values}

    @property
    def guarded(self) -> bool:
        """Whether a deployed replica never comes here."""
        return bool(self.flags & GUARDED)
