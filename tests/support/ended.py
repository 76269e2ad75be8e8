"""Whether a process has ended."""

from __future__ import annotations

import psutil


def gone(pid: int) -> bool:
    """True for a zombie too: in a container nobody may be there to reap an orphan."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
