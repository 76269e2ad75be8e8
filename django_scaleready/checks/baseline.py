"""The findings an old project starts with: known, listed in a file, and no reason to fail."""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

# Whether a run looked everywhere for what has an id: a tag leaves rules out.
Looked = Callable[[str], bool]
_VERSION = 1
# A folder that nobody writes to, a file that is mounted by itself: it may be writable all the same.
_NOT_HERE = frozenset({errno.EACCES, errno.EBUSY, errno.EPERM, errno.EROFS})
_NOT_OURS = "not a file that --update-baseline wrote"


class BaselineError(Exception):
    """The file is missing, or is no baseline; the message names it."""


class Mark(NamedTuple):
    """What the file keeps of a finding, and of whatever else may fail a check."""

    path: str
    id: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Baseline:
    """The entries of a file by fingerprint."""

    entries: Mapping[str, Mapping[str, str]]

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """Read a file; BaselineError if that cannot be done."""
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            if document["version"] != _VERSION:
                raise BaselineError(
                    f"--baseline {path}: got version {document['version']!r}, accepts {_VERSION}."
                )
            return cls({str(one["fingerprint"]): _strings(one) for one in document["findings"]})
        except FileNotFoundError:
            raise BaselineError(
                f"--baseline {path}: no such file; --update-baseline writes it."
            ) from None
        except OSError as error:
            raise BaselineError(f"--baseline {path}: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise BaselineError(
                f"--baseline {path}: {_NOT_OURS} ({type(error).__name__}: {error})."
            ) from error

    def __contains__(self, fingerprint: str) -> bool:
        """Whether the finding was there when the file was written."""
        return fingerprint in self.entries

    def gone(self, marks: Iterable[Mark], looked: Looked) -> int:
        """Count what is found no more where this run looked."""
        gone = self.entries.keys() - {mark.fingerprint for mark in marks}
        return sum(1 for fingerprint in gone if looked(self.entries[fingerprint].get("id", "")))


def write(path: Path, marks: Iterable[Mark], looked: Looked) -> None:
    """Write what was found; BaselineError if that cannot be done.

    What a file that is there holds of ids for which this run did not look stays in it. A file that
    is no baseline is not overwritten. One entry a line, in the order of the places, so that a merge
    of two branches stays readable.
    """
    found = {mark.fingerprint: mark for mark in marks}
    for fingerprint, entry in _there(path).items():
        if not looked(entry.get("id", "")):
            kept = Mark(entry.get("path", ""), entry.get("id", ""), fingerprint)
            found.setdefault(fingerprint, kept)
    lines = [
        json.dumps({"fingerprint": mark.fingerprint, "id": mark.id, "path": mark.path})
        for mark in sorted(found.values())
    ]
    body = ",\n    ".join(lines)
    listed = f"[\n    {body}\n  ]" if lines else "[]"
    text = f'{{\n  "version": {_VERSION},\n  "findings": {listed}\n}}\n'
    try:
        _put(path, text)
    except OSError as error:
        raise BaselineError(f"--baseline {path}: {error.strerror}.") from error


def _strings(entry: Mapping[str, object]) -> dict[str, str]:
    return {str(name): str(value) for name, value in {**entry}.items()}


def _put(path: Path, text: str) -> None:
    """Write beside it and rename: on a full disk, or with another run, the old one stays whole."""
    target = path.resolve()
    beside = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8")
        if target.exists():
            from shutil import copymode

            copymode(target, beside)
        beside.replace(target)
    except OSError as error:
        if error.errno not in _NOT_HERE or not target.exists():
            raise
        target.write_text(text, encoding="utf-8")
    finally:
        with contextlib.suppress(OSError):
            beside.unlink()


def _there(path: Path) -> Mapping[str, Mapping[str, str]]:
    """Return the entries of the file that is to be written; BaselineError if it is something else.

    One with the marks of a merge in it is ours, too: writing it anew is how they are resolved.
    """
    try:
        text = path.read_text(encoding="utf-8")
        if not text or ('"fingerprint"' in text and "\n<<<<<<<" in text):
            return {}
        return Baseline.read(path).entries
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise BaselineError(f"--baseline {path}: {error.strerror}.") from error
    except ValueError as error:
        raise BaselineError(f"--baseline {path}: {_NOT_OURS} ({type(error).__name__}).") from error
