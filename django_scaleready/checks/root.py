"""The folder that a project lies in."""

from __future__ import annotations

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
