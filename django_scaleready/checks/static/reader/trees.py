"""The syntax tree of a settings module."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

from django_scaleready.checks.code.loading import newer


def parsed(path: Path) -> ast.Module:
    """Return a file's tree; what Python would warn of is said where it runs."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return newer.parse(path.read_bytes(), str(path))
