"""The findings an old project starts with: known, listed in a file, and no reason to fail."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from django_scaleready.checks.engine import Found

_VERSION = 1


class BaselineError(Exception):
    """The file is missing, or is no baseline; the message names it."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The fingerprints of a file, each with what a reader of the file is told about it."""

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
            return cls({entry["fingerprint"]: entry for entry in document["findings"]})
        except FileNotFoundError:
            raise BaselineError(
                f"--baseline {path}: no such file; --update-baseline writes it."
            ) from None
        except OSError as error:
            raise BaselineError(f"--baseline {path}: {error.strerror}.") from error
        except (ValueError, KeyError, TypeError) as error:
            raise BaselineError(
                f"--baseline {path}: not a file that --update-baseline wrote"
                f" ({type(error).__name__}: {error})."
            ) from error

    def __contains__(self, fingerprint: str) -> bool:
        """Whether the finding was there when the file was written."""
        return fingerprint in self.entries


def write(path: Path, found: Iterable[tuple[str, Found]]) -> None:
    """Write the findings with their fingerprints; BaselineError if that cannot be done.

    One entry a line, in the order of the places, so that a merge of two branches stays readable.
    """
    entries = sorted(
        (item.finding.location, item.rule.code, fingerprint) for fingerprint, item in found
    )
    lines = [
        json.dumps({"fingerprint": fingerprint, "id": code, "path": place.path})
        for place, code, fingerprint in entries
    ]
    body = ",\n    ".join(lines)
    listed = f"[\n    {body}\n  ]" if lines else "[]"
    text = f'{{\n  "version": {_VERSION},\n  "findings": {listed}\n}}\n'
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise BaselineError(f"--baseline {path}: {error.strerror}.") from error
