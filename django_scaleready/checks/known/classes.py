"""Asking what an object is without importing what may not be installed."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Named:
    """A class, or an instance of it, that is known by name alone: the project was not imported.

    ``names`` are the dotted names of the class and of all it derives from. Attributes are those
    that the settings give it.
    """

    dotted: str
    names: frozenset[str]
    attributes: dict[str, Any] = field(default_factory=dict)

    @property
    def __name__(self) -> str:
        """The last part of the name, as of a class."""
        return self.dotted.rpartition(".")[2]

    def __getattr__(self, name: str) -> Any:
        """Return what the settings give; AttributeError otherwise."""
        if name.startswith("__") or name not in self.attributes:
            raise AttributeError(name)
        return self.attributes[name]

    def __hash__(self) -> int:
        """Hash the name; what belongs to it may be a dictionary."""
        return hash(self.dotted)


def loaded(*dotted: str) -> tuple[type, ...]:
    """Return the named classes whose modules have been imported; the others have no instances."""
    found = []
    for name in dotted:
        module, _, attribute = name.rpartition(".")
        candidate = getattr(sys.modules.get(module), attribute, None)
        if isinstance(candidate, type):
            found.append(candidate)
    return tuple(found)


def is_a(value: object, *dotted: str) -> bool:
    """Whether an object is an instance, or a class a subclass, of one of the named classes."""
    if isinstance(value, Named):
        return not value.names.isdisjoint(dotted)
    classes = loaded(*dotted)
    return issubclass(value, classes) if isinstance(value, type) else isinstance(value, classes)


def name_of(value: object) -> str:
    """Return the dotted name of a class, or of an object's."""
    if isinstance(value, Named):
        return value.dotted
    kind = value if isinstance(value, type) else type(value)
    return f"{kind.__module__}.{kind.__qualname__}"
