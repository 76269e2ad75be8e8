"""Reading a whole project: what the cache holds, and the rest on as many processes as help."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files, spread
from django_scaleready.checks.code.loading.cache import Cache, Packed, Stamps, Summaries, key
from django_scaleready.checks.code.loading.garbage import uncollected
from django_scaleready.checks.code.loading.kept import Kept
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.code.tree.analyse import Collector, unreadable

# Called with how many files were read, and of how many.
Progress = Callable[[int, int], None]

# What tests import.
_TESTING = frozenset({"django.test", "pytest", "rest_framework.test", "unittest"})


def load(
    root: Path,
    collectors: Sequence[Collector],
    *,
    cached: bool = True,
    progress: Progress | None = None,
) -> Codebase:
    """Return the code below a folder."""
    with uncollected():
        return _load(root, collectors, cached, progress)


def _load(
    root: Path, collectors: Sequence[Collector], cached: bool, progress: Progress | None
) -> Codebase:
    listed = files.listed(root)
    names = files.own(listed)
    cache = Cache(root) if cached else None
    kept = cache.load() if cache else {}
    known = cache.stamps() if cache else {}
    looked = _look(root, names, known, kept)
    found = dict(looked.unreadable)
    fresh: Summaries = {}
    for name, digest in looked.digests.items():
        if digest in kept:
            fresh[digest] = found[name] = kept[digest]
    parts: list[Packed] = []
    for summaries, sent in spread.analyse(looked.changed, collectors):
        for summary in summaries:
            found[summary.path] = summary
            # What ended its process may have done so for want of memory: it is tried again.
            if not summary.fatal:
                fresh[looked.digests[summary.path]] = summary
        if sent:
            parts.append(([looked.digests[summary.path] for summary in summaries], sent))
        if progress:
            progress(len(found), len(names))
    if cache and fresh.keys() != kept.keys():
        cache.save(fresh, parts)
    if cache and looked.stamps != known:
        cache.remember(looked.stamps)
    looks = {name: stamp for name, (stamp, _) in looked.stamps.items()}
    return Codebase(_without_tests([found[name] for name in names]), listed, Kept(cache, looks))


def _without_tests(summaries: list[Summary]) -> list[Summary]:
    """Leave out what is called like tests and is some: nothing else imports it, or it says so."""
    doubtful = [s for s in summaries if files.may_be_code(s.path.rpartition("/")[2])]
    left_out = {summary.path for summary in doubtful}
    pending = [s for s in summaries if s.path not in left_out] if doubtful else []
    while pending:
        named = {part for dotted in pending.pop().imported for part in dotted.split(".")}
        for summary in doubtful:
            asked_for = summary.path in left_out and summary.module.rpartition(".")[2] in named
            if asked_for and _TESTING.isdisjoint(_roots(summary)):
                left_out.discard(summary.path)
                pending.append(summary)
    return [summary for summary in summaries if summary.path not in left_out]


def _roots(summary: Summary) -> set[str]:
    """Return the packages that a file imports, and the first two parts of what is in them."""
    parts = [dotted.split(".") for dotted in summary.imported]
    return {".".join(each[:number]) for each in parts for number in (1, 2)}


@dataclass
class _Looked:
    """The files of a project: what each summary is kept under, and what must be read anew."""

    digests: dict[str, bytes] = field(default_factory=dict)
    changed: dict[str, bytes] = field(default_factory=dict)
    unreadable: dict[str, Summary] = field(default_factory=dict)
    stamps: Stamps = field(default_factory=dict)


def _look(root: Path, names: Sequence[str], known: Stamps, kept: Container[bytes]) -> _Looked:
    """Look at each file, and read those that may have changed, or of which nothing is kept."""
    looked, now = _Looked(), time.time_ns()
    for name in names:
        try:
            # Before it is read: what is written in between is noticed the next time.
            stamp = files.stamp(root, name)
            before, digest = known.get(name, (None, b""))
            if stamp != before or digest not in kept:
                content = files.read(root, name)
                digest = key(name, content)
                if digest not in kept:
                    looked.changed[name] = content
        except (OSError, ValueError) as error:
            looked.unreadable[name] = unreadable(name, error)
            continue
        looked.digests[name] = digest
        if files.is_settled(stamp, now):
            looked.stamps[name] = (stamp, digest)
    return looked
