"""What was made of a project's files other than Python, kept from one run to the next."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TypeVar

from django_scaleready.checks.code.loading.cache import Cache
from django_scaleready.checks.code.loading.files import Stamp, is_settled

T = TypeVar("T")


class Kept:
    """What need not be made again as long as the files that it is made of look the same."""

    def __init__(
        self, cache: Cache | None = None, looks: Mapping[str, Stamp] | None = None
    ) -> None:
        """Take where it is kept; without that everything is made in each run.

        ``looks`` tells how files look that were looked at already.
        """
        self._cache = cache
        self._began = time.time_ns()
        self._looks: dict[str, Stamp | None] = {**(looks or {})}

    def made(self, name: str, root: Path, paths: Collection[str], make: Callable[[], T]) -> T:
        """Return ``make()``, plain values that follow from these files alone."""
        if self._cache is None:
            return make()
        # Before they are read: what is written in between is noticed the next time.
        for path in paths:
            if path not in self._looks:
                self._looks[path] = _look(f"{root}/{path}")
        looks = {path: self._looks[path] for path in paths}
        digest = hashlib.blake2b(repr(sorted(looks.items())).encode(errors="replace")).digest()
        found: T | None = self._cache.other(name, digest)
        if found is None:
            found = make()
            if all(look is None or is_settled(look, self._began) for look in looks.values()):
                self._cache.keep_other(name, digest, found)
        return found


def _look(path: str) -> Stamp | None:
    try:
        found = os.stat(path)  # noqa: PTH116 - a Path for each file takes longer than this
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
