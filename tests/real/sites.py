"""What readers said about whole sites, each at one commit, and what the check says of them now.

``sites/<site>.jsonl``: the repository, its commit and the round in which it was read; then a
verdict for every finding above info of that day. Nobody who read had mended anything, and nothing
had been mended for the site; where ``before`` names an earlier count, of which only the sites were
kept, something may have been, and the table leaves the site out. ``debatable`` counts nowhere.

``sites/<site>.leaks.jsonl``: the leaks that were written down before the check ran for the first
time, one line a place; ``group`` says which leak it is a place of, ``found`` whether the check saw
the place that day.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from real import labels

HERE = Path(__file__).with_name("sites")
LEAKS = ".leaks.jsonl"
WRITTEN = Path(__file__).with_name("sites.md")
ROW = "| {:<5} | {:>5} | {:>8} | {:>5} | {:>9} | {:>5} | {:>5} |"
TODAY = "{:<24} {:>5} {:>5} {:>9} {:>4}   {:>5} {:>5}"


@dataclass(frozen=True)
class Leak:
    """A place of a leak, which has others if ``alt`` names any, as ``path:line``."""

    path: str
    line: int
    group: str
    kind: str
    why: str
    found: bool
    alt: tuple[str, ...] = ()

    @property
    def places(self) -> list[tuple[str, int]]:
        """All places at which a finding may stand that sees the leak."""
        others = (place.rpartition(":") for place in self.alt)
        return [(self.path, self.line), *((path, int(line)) for path, _, line in others)]


@dataclass(frozen=True)
class Site:
    """One site, as it was when its findings were read."""

    name: str
    repository: str
    commit: str
    round: int
    verdicts: tuple[labels.Verdict, ...]
    leaks: tuple[Leak, ...]
    before: str = ""

    @property
    def counted(self) -> Counter[str]:
        """How many findings were right, wrong and debatable."""
        return Counter(verdict.verdict for verdict in self.verdicts)

    def again(self, findings: Iterable[dict[str, Any]]) -> Counter[str]:
        """Return how many findings of today are ``right``, ``wrong``, ``debatable`` or ``new``."""
        said = {(each.path, each.line, each.rule): each.verdict for each in self.verdicts}
        return Counter(
            said.get((each["path"], each["line"], each["slug"]), "new") for each in findings
        )


def sites(folder: Path = HERE) -> list[Site]:
    """Return all sites that were read, by round and name."""
    files = (path for path in folder.glob("*.jsonl") if not path.name.endswith(LEAKS))
    return sorted(map(_site, files), key=lambda site: (site.round, site.name.lower()))


def found(leaks: Iterable[Leak]) -> tuple[int, int]:
    """Return how many leaks, counted by group, were seen on the first day, and of how many."""
    groups: defaultdict[str, bool] = defaultdict(bool)
    for leak in leaks:
        groups[leak.group] |= leak.found
    return sum(groups.values()), len(groups)


def sees(findings: Iterable[dict[str, Any]], leak: Leak) -> bool:
    """Whether one of today's findings, or a place related to it, is at a leak."""
    places = [(p["path"], p["line"]) for each in findings for p in (each, *each["related"])]
    return any(
        path == there and abs(line - at) <= labels.NEAR
        for path, line in places
        for there, at in leak.places
    )


def table(read: Iterable[Site]) -> str:
    """Return a row for each round: what was right, and what was found, when it was first seen."""
    rounds: defaultdict[int, list[Site]] = defaultdict(list)
    for site in read:
        if not site.before:
            rounds[site.round].append(site)
    head = ROW.format("round", "sites", "findings", "right", "precision", "leaks", "found")
    return "\n".join([head, "|---|---|---|---|---|---|---|", *map(_row, rounds.values())])


def today(read: Iterable[Site], checkouts: Path) -> Iterator[str]:
    """Yield a line for each site that is checked out below a folder, by the site's name."""
    yield TODAY.format("site", "right", "wrong", "debatable", "new", "leaks", "found")
    for site in read:
        if not (checkouts / site.name).is_dir():
            continue
        findings = labels.scan(checkouts / site.name)
        counted = site.again(findings)
        groups = {leak.group for leak in site.leaks}
        seen = {leak.group for leak in site.leaks if sees(findings, leak)}
        verdicts = [counted[each] for each in ("right", "wrong", "debatable", "new")]
        yield TODAY.format(site.name, *verdicts, len(groups), len(seen))


def _row(read: list[Site]) -> str:
    counted = sum((site.counted for site in read), Counter[str]())
    judged = counted["right"] + counted["wrong"]
    seen, leaks = map(sum, zip(*(found(site.leaks) for site in read), strict=True))
    precision = f"{counted['right'] / judged:.2f}"
    return ROW.format(
        *(read[0].round, len(read), judged, counted["right"], precision),
        *((leaks, seen) if leaks else ("", "")),
    )


def _site(path: Path) -> Site:
    about, *said = labels.lines(path)
    leaks = path.with_suffix(LEAKS)
    places = labels.lines(leaks) if leaks.exists() else []
    return Site(
        name=path.stem,
        verdicts=tuple(labels.Verdict(**line) for line in said),
        leaks=tuple(Leak(**{**line, "alt": tuple(line.get("alt", ()))}) for line in places),
        **about,
    )
