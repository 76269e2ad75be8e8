"""Whether the kernel killed for memory: the counter of this process's control group."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_CGROUPS = Path("/sys/fs/cgroup")
_OWN = Path("/proc/self/cgroup")
_KILLS = re.compile(r"^oom_kill (\d+)$", re.MULTILINE)
# Below this a limit is one; version 1 writes "none" as the largest page-aligned number.
_NO_LIMIT = 1 << 60


def kills() -> int | None:
    """How many processes of this control group were killed for memory; None if nothing counts."""
    for folder in _folders():
        for name in ("memory.events", "memory.oom_control"):
            with suppress(OSError):
                if found := _KILLS.search((folder / name).read_text()):
                    return int(found[1])
    return None


def limit() -> int | None:
    """The bytes that this control group may use; None if there is no limit or none is told."""
    for folder in _folders():
        for name in ("memory.max", "memory.limit_in_bytes"):
            with suppress(OSError, ValueError):
                number = int((folder / name).read_text())
                return number if number < _NO_LIMIT else None
    return None


def _folders() -> Iterator[Path]:
    """Yield where the group's files may be, version 2 first."""
    with suppress(OSError):
        lines = [line.split(":", 2) for line in _OWN.read_text().splitlines()]
        for _, controllers, path in lines:
            root = {"": _CGROUPS, "memory": _CGROUPS / "memory"}.get(controllers)
            if root is not None:
                yield root / path.lstrip("/")
                # In a container the path may be the host's, and the group itself the root.
                yield root
