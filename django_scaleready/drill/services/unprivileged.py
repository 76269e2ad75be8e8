"""PostgreSQL and PgBouncer refuse to run as root; a container's only user often is."""

from __future__ import annotations

import os
import shutil
import stat
from pathlib import Path

from django_scaleready.drill.waiting import DrillError

# It exists everywhere and owns nothing.
ACCOUNT = "nobody"


def account() -> str | None:
    """The user to run such a service as: None is the caller."""
    return ACCOUNT if os.geteuid() == 0 else None


def own(path: Path) -> None:
    """Give a file or directory to that user; DrillError if it cannot be reached by it."""
    if (name := account()) is not None:
        shutil.chown(path, name)
        if not readable(path.parent):
            raise DrillError(
                f"The user {name!r}, as which root starts PostgreSQL and PgBouncer, cannot reach"
                f" {path}. Set TMPDIR to a directory that everybody may pass, as /tmp is."
            )


def readable(path: Path) -> bool:
    """Whether that user gets to the path: root's home, where a checkout may be, is closed to it."""
    if account() is None:
        return True
    path = path.resolve()
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in (path, *path.parents))
