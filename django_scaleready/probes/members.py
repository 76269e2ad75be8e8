"""A check, and what it counts for in a group. Imports nothing of Django."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable
from dataclasses import dataclass, replace

# Returns when all is well and raises when it is not.
Check = Callable[[], None]


class CheckFailedError(Exception):
    """A check's own verdict. The message names no host and no secret: the token shows it."""


class CheckWarning(CheckFailedError):  # noqa: N818 - a warning, which fails nothing
    """All is not well, and the replica can serve all the same: a 200, whatever the impact."""


def amount(option: str, value: object) -> None:
    """Raise TypeError, naming the option of a check, if it is no number from 0 upwards."""
    number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
    if not math.isfinite(number) or number < 0:
        raise TypeError(f"{option}: got {value!r}, accepts a number from 0 upwards")


class Impact(enum.StrEnum):
    """What the failure of a check does to the probes that ask it."""

    CRITICAL = "critical"
    DEGRADED = "degraded"


@dataclass(frozen=True, slots=True)
class Member:
    """A check in a group.

    ``shared``: all replicas ask the same thing, so that it fails for all of them at once.
    """

    component: str
    check: Check
    impact: Impact = Impact.CRITICAL
    shared: bool = False

    @property
    def critical(self) -> bool:
        """Whether its failure is the probe's."""
        return self.impact is Impact.CRITICAL


@dataclass(frozen=True, slots=True)
class Group:
    """The checks of one probe, and its name in the log."""

    name: str
    members: tuple[Member, ...] = ()

    def part(self, *, critical: bool) -> Group:
        """The checks of it that decide, or those that merely degrade."""
        members = (member for member in self.members if member.critical is critical)
        return replace(self, members=tuple(members))

    def joined_by(self, member: Member) -> Group:
        """The same with one more."""
        return replace(self, members=(*self.members, member))
