"""A value of the settings that two processes do not share, and what it follows."""

from __future__ import annotations

import enum
from dataclasses import dataclass

# A setting, and the keys below it.
Path = tuple[str, ...]


class Follows(enum.StrEnum):
    """What a value changes with."""

    START = "made anew at each start"
    HOST = "made from the name of the host"
    FOLDER = "made from the working directory"
    HASH = "made from hashes, which are others in each process"


@dataclass(frozen=True, slots=True)
class Difference:
    """A value that two processes do not share: a setting and the keys below it.

    ``order`` is True if only the order of a list differs. ``of`` is the name that it has its value
    from, if it is only that of another one.
    """

    path: Path
    follows: Follows
    order: bool = False
    of: str = ""

    @property
    def setting(self) -> str:
        """The setting's name."""
        return self.path[0]

    def __str__(self) -> str:
        """Write it as Python reads it: ``CACHES['default']['KEY_PREFIX']``."""
        return self.path[0] + "".join(f"[{key!r}]" for key in self.path[1:])
