"""Reading a whole project: what the cache holds, and the rest on as many processes as help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from django_scaleready.checks.code import files, spread
from django_scaleready.checks.code.analyse import Collector, unreadable
from django_scaleready.checks.code.cache import Cache, Packed, Summaries, key
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.garbage import uncollected
from django_scaleready.checks.code.summary import Summary

# Called with how many files were read, and of how many.
Progress = Callable[[int, int], None]


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
    cache = Cache(root) if cached else None
    kept = cache.load() if cache else {}
    fresh: Summaries = {}
    found: dict[str, Summary] = {}
    missing: dict[str, bytes] = {}
    digests: dict[str, bytes] = {}
    listed = files.listed(root)
    names = files.own(listed)
    for name in names:
        try:
            content = files.read(root, name)
        except (OSError, ValueError) as error:
            found[name] = unreadable(name, error)
            continue
        digest = key(name, content)
        if digest in kept:
            fresh[digest] = found[name] = kept[digest]
        else:
            missing[name] = content
            digests[name] = digest
    parts: list[Packed] = []
    for summaries, sent in spread.analyse(missing, collectors):
        for summary in summaries:
            found[summary.path] = summary
            # What ended its process may have done so for want of memory: it is tried again.
            if not summary.fatal:
                fresh[digests[summary.path]] = summary
        if sent:
            parts.append(([digests[summary.path] for summary in summaries], sent))
        if progress:
            progress(len(found), len(names))
    if cache and fresh.keys() != kept.keys():
        cache.save(fresh, parts)
    return Codebase([found[name] for name in names], listed)
