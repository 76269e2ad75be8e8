"""Summaries kept from one run to the next, in the user's cache directory.

A file per project, and a small one of what changed since. Each is read whole, written beside itself
and moved into place, so that two runs at once each leave a good one behind, and deleting it costs
one slower run.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import sys
import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from django_scaleready.checks.code.summary import Summary

Summaries = dict[bytes, Summary]
# Summaries as a process sent them: their keys, and the pickled list.
Packed = tuple[list[bytes], bytes]
# Up to this part of a project is kept as a change; from then on the whole is written again.
SMALL = 8


def folder() -> Path:
    """Return the folder of the cache: below XDG_CACHE_HOME, else as the platform has it."""
    home = Path.home()
    if sys.platform == "darwin":
        default = home / "Library" / "Caches"
    elif sys.platform == "win32":
        default = Path(os.environ.get("LOCALAPPDATA", home / "AppData" / "Local"))
    else:
        default = home / ".cache"
    given = Path(os.environ.get("XDG_CACHE_HOME") or default)
    # A relative one is to be ignored, says its specification.
    return (given if given.is_absolute() else default) / "django-scaleready"


@cache
def version() -> bytes:
    """Return what changes when a rule does: a digest of this package's files, and of Python."""
    digest = hashlib.blake2b(repr(sys.version_info).encode(), digest_size=16)
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.digest()


def key(path: str, content: bytes) -> bytes:
    """Return what a summary is kept under: its file's bytes, and where the file stands."""
    digest = hashlib.blake2b(path.encode("utf-8", "surrogateescape"), digest_size=16)
    digest.update(b"\0")
    digest.update(content)
    return digest.digest()


class _Reader(pickle.Unpickler):
    """Makes summaries and nothing else, whatever the file asks for."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a class of a summary; UnpicklingError for anything else."""
        if module == Summary.__module__ or (module, name) == ("builtins", "frozenset"):
            return super().find_class(module, name)
        raise pickle.UnpicklingError(f"{module}.{name} is no part of a summary")


class Cache:
    """The summaries of one project, of the last runs with these rules."""

    def __init__(self, root: Path) -> None:
        """Take the project's root."""
        name = hashlib.blake2b(str(root).encode("utf-8", "surrogateescape"), digest_size=12)
        self._file = folder() / f"{name.hexdigest()}.pickle"
        # Beside the whole: what changed since it was written, which is quickly written anew.
        self._changes = self._file.with_suffix(".changes")
        self._whole: Summaries = {}

    def load(self) -> Summaries:
        """Return what was kept; nothing if it is of other rules, or cannot be read."""
        self._whole = _load(self._file)
        return self._whole | _load(self._changes)

    def save(self, summaries: Summaries, packed: Sequence[Packed] = ()) -> None:
        """Keep these, instead of what was there; without a folder to write to nothing is kept.

        ``packed`` are those among them that need not be pickled again.
        """
        changes = {k: summary for k, summary in summaries.items() if k not in self._whole}
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if len(changes) * SMALL < len(self._whole):
                _save(self._changes, changes, ())
            else:
                _save(self._file, summaries, packed)
                self._changes.unlink(missing_ok=True)


def _load(path: Path) -> Summaries:
    # Anything may stand in a file on disk, and unpickling may raise anything.
    with contextlib.suppress(Exception), path.open("rb") as file:
        if file.read(len(version())) == version():
            found: Summaries = {}
            for keys, part in _Reader(file).load():
                found |= zip(keys, _Reader(io.BytesIO(part)).load(), strict=True)
            return found
    return {}


def _save(path: Path, summaries: Summaries, packed: Sequence[Packed]) -> None:
    done = {key for keys, _ in packed for key in keys}
    rest = {key: summary for key, summary in summaries.items() if key not in done}
    pickled = pickle.dumps(list(rest.values()), pickle.HIGHEST_PROTOCOL)
    descriptor, name = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(version())
            pickle.dump([*packed, (list(rest), pickled)], file, pickle.HIGHEST_PROTOCOL)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
