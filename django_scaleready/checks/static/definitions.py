"""What a settings module comes to once it was read."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.undecided import UNDECIDED

Names = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Definition:
    """An assignment that took effect."""

    name: str
    path: Path
    line: int
    value: ast.expr | None = None


@dataclass
class Settings:
    """What a settings module comes to: its values, and where each got them, the last one last."""

    names: Names = field(default_factory=dict)
    definitions: dict[str, list[Definition]] = field(default_factory=dict)
    files: list[Path] = field(default_factory=list)
    # What a branch would assign that an optional variable opens.
    optional: list[tuple[Names, dict[str, list[Definition]]]] = field(default_factory=list)
    problems: list[tuple[Path, str]] = field(default_factory=list)


def copied(names: Names) -> Names:
    """Return the names, with copies of what a statement may change in place."""
    return {
        name: copy.deepcopy(v) if isinstance(v, dict | list) and name.isupper() else v
        for name, v in names.items()
    }


def agreed(name: str, one: Any, other: Any) -> Any:
    """Return what two branches agree on; a list holds what either may add to it."""
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return max((one, other), key=len)
    return UNDECIDED if name.isupper() else other
