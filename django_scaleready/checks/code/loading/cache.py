"""Summaries kept from one run to the next, in the user's cache directory.

They are kept by what a file holds. Beside them stands how each file looked to the file system, so
that one that looks the same need not be read to know what it holds.

A file per project for the summaries, a small one of what changed since, and one of the looks. Each
is read whole, written beside itself and moved into place, so that two runs at once each leave a
good one behind, and deleting it costs one slower run.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import pickle
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from django_scaleready.checks.code.loading.files import Stamp
from django_scaleready.checks.code.summary import Summary

T = TypeVar("T")
Summaries = dict[bytes, Summary]
# By path: how a file looked, and what its summary is kept under.
Stamps = dict[str, tuple[Stamp, bytes]]
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
    for path in sorted(Path(__file__).parents[2].rglob("*.py")):
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
        self._stamps = self._file.with_suffix(".stamps")
        self._whole: Summaries = {}

    def stamps(self) -> Stamps:
        """Return how the files looked that were read; nothing if it cannot be told."""
        return _read(self._stamps, _paired) or {}

    def remember(self, stamps: Stamps) -> None:
        """Keep how the files looked, instead of what was there."""
        with contextlib.suppress(OSError):
            _write(self._stamps, stamps)

    def other(self, name: str, digest: bytes) -> Any:
        """Return something else that was made of the project's files, None if they changed."""
        before, found = _read(self._other(name), _dated) or (b"", None)
        return found if before == digest else None

    def keep_other(self, name: str, digest: bytes, made: object) -> None:
        """Keep something else, with a digest of what it was made of."""
        with contextlib.suppress(OSError):
            _write(self._other(name), (digest, made))

    def _other(self, name: str) -> Path:
        return self._file.with_suffix(f".{name}")

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
            if len(changes) * SMALL < len(self._whole):
                _save(self._changes, changes, ())
            else:
                _save(self._file, summaries, packed)
                self._changes.unlink(missing_ok=True)


def _load(path: Path) -> Summaries:
    return _read(path, _joined) or {}


def _joined(parts: Iterable[Packed]) -> Summaries:
    found: Summaries = {}
    for keys, part in parts:
        found |= zip(keys, _Reader(io.BytesIO(part)).load(), strict=True)
    return found


def _dated(content: tuple[bytes, Any]) -> tuple[bytes, Any]:
    digest, made = content
    return digest, made


def _paired(stamps: Stamps) -> Stamps:
    return {name: (stamp, digest) for name, (stamp, digest) in stamps.items()}


def _read(path: Path, take: Callable[[Any], T]) -> T | None:
    """Return what was written there with these rules, None if there is no such thing."""
    # Anything may stand in a file on disk, and unpickling may raise anything.
    with contextlib.suppress(Exception), path.open("rb") as file:
        if file.read(len(version())) == version():
            return take(_Reader(file).load())
    return None


def _save(path: Path, summaries: Summaries, packed: Sequence[Packed]) -> None:
    done = {key for keys, _ in packed for key in keys}
    rest = {key: summary for key, summary in summaries.items() if key not in done}
    pickled = pickle.dumps(list(rest.values()), pickle.HIGHEST_PROTOCOL)
    _write(path, [*packed, (list(rest), pickled)])


def _write(path: Path, content: object) -> None:
    """Put it into a file of the cache; OSError if there is no room for it, or no folder."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Of this process and thread alone, for a moment. Module tempfile takes longer to import than
    # the cache to be read.
    beside = path.with_name(f"{path.name}.{os.urandom(8).hex()}.tmp")
    try:
        beside.touch(mode=0o600, exist_ok=False)
        with beside.open("wb") as file:
            file.write(version())
            pickle.dump(content, file, pickle.HIGHEST_PROTOCOL)
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
