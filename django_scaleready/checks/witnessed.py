"""What a run saw requests and tasks leave behind: the form in which it is kept and judged."""

from __future__ import annotations

import enum
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from django_scaleready.checks.base import Confidence, Finding, Found, Location, Severity

_VERSION = 1


class Kind(enum.StrEnum):
    """What was done."""

    FILE = "file"
    SQLITE = "sqlite"
    SOCKET = "socket"
    PROCESS = "process"


class Fate(enum.StrEnum):
    """What became of it when the request or task was over: the worst first."""

    STAYS = "stays"
    TEMPORARY = "temporary"
    CACHE = "cache"
    ENDED = "ended"


class Moment(enum.StrEnum):
    """What was going on. A test that calls a function says least: who else calls it is open."""

    REQUEST = "request"
    TASK = "task"
    TEST = "test"


_FATES = list(Fate)
_MOMENTS = list(Moment)


@dataclass(frozen=True, slots=True)
class Seen:
    """One kind of thing done at one place of the project.

    ``target`` is the first path, address or program that was seen there. ``package`` is the
    distribution that did it for the project ("spotipy 2.25.1"), "" for the project itself, and
    ``source`` the place in it. ``during`` names the first request, task or test.
    """

    kind: Kind
    fate: Fate
    moment: Moment
    place: Location
    target: str
    package: str = ""
    source: Location | None = None
    during: str = ""
    count: int = 1

    @property
    def key(self) -> tuple[Kind, Location]:
        """What makes two of them one finding."""
        return self.kind, self.place

    @property
    def sure(self) -> bool:
        """Whether a replica does it while it serves."""
        return self.moment is not Moment.TEST

    @property
    def who(self) -> str:
        """Who did it, as the beginning of a sentence."""
        return self.package or "This line"

    def joined(self, other: Seen) -> Seen:
        """Return both as one: the worse of them, counted together."""
        worse = min(self, other, key=lambda s: (_MOMENTS.index(s.moment) > 1, _FATES.index(s.fate)))
        return replace(worse, count=self.count + other.count)


def finding(seen: Seen, message: str, hint: str, severity: Severity) -> Finding:
    """Return a finding; an error that only a test came to is a warning."""
    if severity is Severity.ERROR and not seen.sure:
        severity = Severity.WARNING
    sure = seen.sure and seen.fate in {Fate.STAYS, Fate.ENDED}
    times = f"{seen.count} times, first " if seen.count > 1 else ""
    return Finding(
        message=f"{message} Seen {times}in {seen.during}." if seen.during else message,
        hint=hint,
        location=seen.place,
        severity=severity,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        related=(seen.source,) if seen.source and seen.source != seen.place else (),
    )


def merged(several: Iterable[Seen]) -> tuple[Seen, ...]:
    """Return one for each kind and place, in the order of the places."""
    found: dict[tuple[Kind, Location], Seen] = {}
    for seen in several:
        found[seen.key] = found[seen.key].joined(seen) if seen.key in found else seen
    return tuple(sorted(found.values(), key=lambda seen: (seen.place, seen.kind)))


# As a file holds them.


class WitnessedError(Exception):
    """The file is missing, or was not written by a run; the message names it."""


def as_data(seen: Seen) -> dict[str, Any]:
    """Return plain data."""
    return asdict(seen)


def from_data(data: dict[str, Any]) -> Seen:
    """Return what ``as_data`` was made of; KeyError, TypeError or ValueError if it was not."""
    source = data["source"]
    return Seen(
        kind=Kind(data["kind"]),
        fate=Fate(data["fate"]),
        moment=Moment(data["moment"]),
        place=Location(str(data["place"]["path"]), int(data["place"]["line"])),
        target=str(data["target"]),
        package=str(data["package"]),
        source=Location(str(source["path"]), int(source["line"])) if source else None,
        during=str(data["during"]),
        count=int(data["count"]),
    )


def write(path: Path, several: Iterable[Seen]) -> None:
    """Write a file for ``check --witnessed``; OSError if that cannot be done."""
    document = {"version": _VERSION, "witnessed": [as_data(seen) for seen in merged(several)]}
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> tuple[Seen, ...]:
    """Read such a file; WitnessedError if that cannot be done."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        if document["version"] != _VERSION:
            raise WitnessedError(f"{path}: got version {document['version']!r}, accepts {_VERSION}")
        return merged(from_data(data) for data in document["witnessed"])
    except OSError as error:
        raise WitnessedError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise WitnessedError(
            f"{path}: not a file that a witness wrote (pytest --scaleready-output):"
            f" {type(error).__name__}: {error}"
        ) from error


# Beside what the source says.

# The rules that find the same in the source, by the rule of what was seen.
SIBLINGS = {
    "witnessed-file": frozenset(
        ["file-write", "log-file-in-code", "secret-file", "storage-bypass", "token-file"]
    ),
    "witnessed-sqlite": frozenset({"embedded-database"}),
    "witnessed-socket": frozenset({"background-thread"}),
    "witnessed-process": frozenset({"background-thread", "host-command"}),
}


def joined(several: Sequence[Found]) -> list[Found]:
    """Take a leak that the source shows and a run has seen for one, and for certain.

    What was seen at the line of a finding of the source goes into that. An id that promises no
    error stays a warning.
    """
    seen = {(f.finding.location, f.rule.slug): f for f in several if f.rule.slug in SIBLINGS}
    taken = set()
    result = []
    for found in several:
        for slug, siblings in SIBLINGS.items():
            key = (found.finding.location, slug)
            if found.rule.slug in siblings and key in seen:
                found = Found(found.rule, _confirmed(found, seen[key].finding))  # noqa: PLW2901 - the same, confirmed
                taken.add(key)
        result.append(found)
    return [f for f in result if (f.finding.location, f.rule.slug) not in taken]


def _confirmed(found: Found, seen: Finding) -> Finding:
    both = found.finding
    certain = seen.severity is Severity.ERROR and found.rule.code[-4] == "E"
    return replace(
        both,
        message=f"{both.message} Seen at run time: {seen.message}",
        severity=Severity.ERROR if certain else both.severity,
        confidence=Confidence.HIGH
        if certain or seen.confidence is Confidence.HIGH
        else both.confidence,
        related=tuple(dict.fromkeys([*both.related, *seen.related])),
    )
