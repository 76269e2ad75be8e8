"""Files read once more, for the few questions that their summaries do not answer."""

from __future__ import annotations

import ast
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.code.loading.newer import parse


def tree_of(code: Codebase, root: Path, path: str) -> ast.Module | None:
    """Return the tree of a file, None if it cannot be read any more.

    It is kept: rules, and each settings module they are asked for, come back to the same files.
    """
    return code.once(_tree, root, path)


def _tree(_: Codebase, root: Path, path: str) -> ast.Module | None:
    try:
        return parse(files.content(root, path), path)
    except (SyntaxError, ValueError):
        return None
