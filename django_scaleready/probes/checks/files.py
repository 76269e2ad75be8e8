"""Where files go: the storage for uploads, and the disk of this replica."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import DEFAULT_STORAGE_ALIAS, settings
from django.core.files.storage import storages

from django_scaleready.probes.members import CheckFailedError, amount

NAME = "django-scaleready-probe"


@dataclass(frozen=True, slots=True)
class Storage:
    """Can a storage be reached? Writes nothing: a probe a second would be paid for by the month.

    An object store is asked for one name, by HEAD. A folder has to be writable; if it does not
    exist yet, the nearest one above it.
    """

    alias: str = DEFAULT_STORAGE_ALIAS

    def __call__(self) -> None:
        storage = storages[self.alias]
        try:
            folder = Path(storage.path(""))
        except NotImplementedError:
            storage.exists(NAME)
            return
        there = next((path for path in (folder, *folder.parents) if path.exists()), folder)
        if not os.access(there, os.W_OK):
            raise CheckFailedError("the folder of the storage cannot be written")


def _temporary() -> str:
    return settings.FILE_UPLOAD_TEMP_DIR or tempfile.gettempdir()


@dataclass(frozen=True, slots=True)
class Disk:
    """Is there room below ``path``, by default where Django puts uploads that do not fit memory?

    In megabytes of 10**6 bytes, and inodes, which run out first where a cache keeps small files.
    """

    path: str = field(default_factory=_temporary)
    megabytes: float = 100.0
    inodes: int = 1000

    def __post_init__(self) -> None:
        if not isinstance(self.path, str | os.PathLike):
            raise TypeError(f"path: got {self.path!r}, accepts the path of a folder")
        amount("megabytes", self.megabytes)
        amount("inodes", self.inodes)

    def __call__(self) -> None:
        there = os.statvfs(self.path)
        free = there.f_bavail * there.f_frsize / 1e6
        if free < self.megabytes:
            raise CheckFailedError(f"{free:.0f} MB are free, of {self.megabytes:g} that must be")
        # Some file systems (btrfs) make inodes as they need them and report none.
        if there.f_files and there.f_favail < self.inodes:
            raise CheckFailedError(f"{there.f_favail} inodes are free, of {self.inodes}")
