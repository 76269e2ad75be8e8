"""Values that reading alone cannot give: undecided ones, references, functions of the project."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final


class Undecided:
    """A value that only running the code would give. It is false, and equal to nothing else."""

    def __bool__(self) -> bool:
        """Return False: nothing is to be concluded from it."""
        return False

    def __repr__(self) -> str:
        """Name it."""
        return "undecided"

    def __reduce__(self) -> str:
        """Name the only one there is: a copy of it would not be it."""
        return "UNDECIDED"


UNDECIDED: Final = Undecided()
PLAIN = (str, bytes, bool, int, float, Path)


@dataclass(frozen=True, slots=True)
class Ref:
    """Something that was imported, by its dotted name; of a module of the project, its file."""

    dotted: str
    origin: Path | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Environment:
    """An ``environ.Env()`` with the defaults of its scheme."""

    defaults: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """A file that the settings have opened."""

    path: Path


@dataclass(frozen=True, slots=True, eq=False)
class Later:
    """A name that is imported from a file of the project, which is read when somebody asks."""

    origin: Path
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Closure:
    """A function written in a settings module, and the names around it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef
    names: dict[str, Any]


@dataclass(frozen=True, slots=True, eq=False)
class Namespace:
    """The names of a module, as ``globals()`` and ``vars(module)`` give them."""

    names: dict[str, Any]


def is_open(value: Any) -> bool:
    """Whether a value is one that reading alone does not give, or that was imported."""
    return isinstance(value, Undecided | Ref)


def decided(value: Any) -> Any:
    """Return a value without its undecided parts: entries of dictionaries and lists go."""
    if isinstance(value, dict):
        return {
            key: decided(held)
            for key, held in value.items()
            if held is not UNDECIDED and key is not UNDECIDED
        }
    if value.__class__ in {list, tuple}:
        return value.__class__(decided(held) for held in value if held is not UNDECIDED)
    # What urlsplit() answers has names for its parts, and cannot be made of fewer.
    return value


def with_rest(held: list[Any] | tuple[Any, ...]) -> list[Any] | tuple[Any, ...]:
    """Return a list to which more was added than is known."""
    return (*held, UNDECIDED) if isinstance(held, tuple) else [*held, UNDECIDED]


def has_known_keys(value: Any) -> bool:
    """Whether all keys of a dictionary are known, and of those in it."""
    if not isinstance(value, dict) or UNDECIDED in value:
        return False
    inner = (held for key, held in value.items() if isinstance(held, dict) or key == "OPTIONS")
    return all(map(has_known_keys, inner))


def plain(value: Any) -> Any:
    """Return a value as far as it is sure to be what the settings hold; UNDECIDED if it is not.

    A name that was imported may stand for anything, and None for what nobody has set here.
    """
    if isinstance(value, dict):
        kept = {key: plain(held) for key, held in value.items()}
        return {key: held for key, held in kept.items() if UNDECIDED not in (key, held)}
    if isinstance(value, list | tuple):
        return [held for held in map(plain, value) if held is not UNDECIDED]
    return value if isinstance(value, PLAIN) else UNDECIDED


def same(one: Any, other: Any) -> bool:
    """Whether two values are surely equal."""
    return one is other or (type(one) is type(other) and bool(one == other))
