"""Settings that somebody fills in: the copy of a module that is kept in the repository."""

from __future__ import annotations

from pathlib import Path

_ENDINGS = (".example.py", ".py.example", "_example.py", ".sample.py", ".py.sample", ".py.dist")


def copy_of(dotted: str, path: Path) -> Path | None:
    """Return the copy of a module that stands beside the file which imports it; None for none.

    A module that a deployment cannot do without is made of it.
    """
    name = dotted.lstrip(".")
    if not name or "." in name:
        return None
    copies = (path.with_name(f"{name}{ending}") for ending in _ENDINGS)
    return next((copy for copy in copies if copy.is_file()), None)
