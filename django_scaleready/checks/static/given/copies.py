"""Settings that somebody fills in: the copy of a module that is kept in the repository."""

from __future__ import annotations

import re
from pathlib import Path

_DEBUG = re.compile(rb"^DEBUG *= *True\b", re.MULTILINE)
_ENDINGS = (".example.py", ".py.example", "_example.py", ".sample.py", ".py.sample", ".py.dist")


def copy_of(dotted: str, path: Path) -> Path | None:
    """Return the copy of a module that stands beside the file which imports it; None for none.

    A module that a deployment cannot do without is made of it, unless it is for somebody's own
    machine: one that turns DEBUG on.
    """
    name = dotted.lstrip(".")
    if not name or "." in name:
        return None
    copies = (path.with_name(f"{name}{ending}") for ending in _ENDINGS)
    found = next((copy for copy in copies if copy.is_file()), None)
    return None if found is None or _is_for_development(found) else found


def _is_for_development(copy: Path) -> bool:
    try:
        return _DEBUG.search(copy.read_bytes()) is not None
    except OSError:
        # Who reads the settings says what is wrong with it.
        return False
