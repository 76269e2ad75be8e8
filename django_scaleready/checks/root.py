"""The folder that a project lies in."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def find_root(settings_module: str) -> Path:
    """Return the folder of the manage.py that was run, or the one above the settings' package."""
    program = Path(sys.argv[0] if sys.argv else "").resolve()
    if program.name == "manage.py":
        return program.parent
    file = getattr(sys.modules.get(settings_module), "__file__", None)
    if file is None:
        return Path.cwd()
    folder = Path(file).resolve().parent
    for candidate in [folder, *folder.parents]:
        if (candidate / "manage.py").exists():
            return candidate
    return (
        folder.parents[max(settings_module.count(".") - 1, 0)] if "." in settings_module else folder
    )


def below_repository(root: Path) -> str:
    """Return the path of a folder below the root of its git repository, "" if it is that root.

    Code hosts show a finding at a path from there. Outside a repository it is "", too.
    """
    for folder in (root, *root.parents):
        # A file in a work tree of its own and in a submodule, where findings belong to the latter.
        if os.path.exists(folder / ".git"):  # noqa: PTH110 - a Path raises where it may not look
            return "" if folder == root else root.relative_to(folder).as_posix()
    return ""
