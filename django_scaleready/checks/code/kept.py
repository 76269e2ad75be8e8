"""What was made of a project's files other than Python, kept from one run to the next."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TypeVar

from django_scaleready.checks.code.cache import Cache
from django_scaleready.checks.code.files import is_settled

T = TypeVar("T")


class Kept:
    """What need not be made again as long as the files that it is made of look the same."""

    def __init__(self, cache: Cache | None = None) -> None:
        """Take where it is kept; without one everything is made in each run."""
        self._cache = cache

    def made(self, name: str, root: Path, paths: Iterable[str], make: Callable[[], T]) -> T:
        """Return ``make()``, plain values that follow from these files alone."""
        if self._cache is None:
            return make()
        now = time.time_ns()
        # Before they are read: what is written in between is noticed the next time.
        looks = {path: _look(f"{root}/{path}") for path in paths}
        digest = hashlib.blake2b(repr(sorted(looks.items())).encode(errors="replace")).digest()
        found: T | None = self._cache.other(name, digest)
        if found is None:
            found = make()
            if all(look is None or is_settled(look, now) for look in looks.values()):
                self._cache.keep_other(name, digest, found)
        return found


def _look(path: str) -> tuple[int, int, int, int] | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each file takes longer than this
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
