"""What a settings module comes to once it was read."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
    # The variables of the environment that a deployment surely sets.
    given: frozenset[str] = frozenset()
    # Whether code that is not here may have given what is not set here.
    is_open: bool = False
    problems: list[tuple[Path, str]] = field(default_factory=list)
