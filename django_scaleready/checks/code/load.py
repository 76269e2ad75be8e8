"""Reading a whole project: what the cache holds, and the rest on as many processes as help."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from django_scaleready.checks.code import files
from django_scaleready.checks.code.analyse import Collector, analyse_files, unreadable
from django_scaleready.checks.code.cache import Cache, Summaries, key
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Summary

# Starting a process and carrying the summaries over costs about as much as reading this.
WORTH_A_PROCESS = 1_500_000
BATCHES = 4


def load(root: Path, collectors: Sequence[Collector], *, cached: bool = True) -> Codebase:
    """Return the code below a folder."""
    cache = Cache(root) if cached else None
    kept = cache.load() if cache else {}
    fresh: Summaries = {}
    found: dict[str, Summary] = {}
    missing: dict[str, bytes] = {}
    for path in files.python_files(root):
        name = path.relative_to(root).as_posix()
        try:
            content = files.read(path)
        except (OSError, ValueError) as error:
            found[name] = unreadable(name, error)
            continue
        digest = key(name, content)
        if digest in kept:
            fresh[digest] = found[name] = kept[digest]
        else:
            missing[name] = content
    for summary in _analyse(missing, collectors):
        found[summary.path] = fresh[key(summary.path, missing[summary.path])] = summary
    if cache and fresh.keys() != kept.keys():
        cache.save(fresh)
    return Codebase([found[name] for name in sorted(found)])


def _analyse(missing: dict[str, bytes], collectors: Sequence[Collector]) -> list[Summary]:
    size = sum(map(len, missing.values()))
    workers = min(_cores(), size // WORTH_A_PROCESS + 1)
    if workers > 1 and (context := _context()):
        # The large files first and in turn, so that the batches take equally long.
        names = sorted(missing, key=lambda name: -len(missing[name]))
        batches = [names[start :: workers * BATCHES] for start in range(workers * BATCHES)]
        try:
            with ProcessPoolExecutor(workers, mp_context=context) as pool:
                parts = [{name: missing[name] for name in batch} for batch in batches if batch]
                jobs = [pool.submit(analyse_files, part, collectors) for part in parts]
                return [summary for job in jobs for summary in job.result()]
        except (BrokenProcessPool, OSError):
            # No more processes, or no memory for them: this one does it alone.
            pass
    return analyse_files(missing, collectors)


def _cores() -> int:
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def _context() -> multiprocessing.context.BaseContext | None:
    """Return how to start processes: by fork, for the rest would import everything anew."""
    # A fork beside other threads may hang on a lock that one of them holds.
    if sys.platform == "linux" and threading.active_count() == 1:
        return multiprocessing.get_context("fork")
    return None
