"""Analysing files on all cores; what ends a process costs one file and not the run."""

from __future__ import annotations

import os
import pickle
import sys
import threading
from collections.abc import Generator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.code.tree.analyse import Collector, analyse_each, fatal

if TYPE_CHECKING:
    from concurrent.futures import Future
    from multiprocessing.context import BaseContext

# Starting a process and carrying the summaries over costs about as much as reading this.
WORTH_A_PROCESS = 1_500_000
BATCHES = 4
Files = Mapping[str, bytes]
# Some summaries, and the same as another process sent them, "" if this one made them.
Part = tuple[list[Summary], bytes]


def analyse(missing: Files, collectors: Sequence[Collector]) -> Iterator[Part]:
    """Yield the summaries of files, given by path, in any order."""
    size = sum(map(len, missing.values()))
    workers = min(cores(), size // WORTH_A_PROCESS + 1)
    context = _context() if workers > 1 else None
    if context is None:
        yield from _here(missing, collectors)
        return
    # The large files first and in turn, so that the batches take equally long.
    names = sorted(missing, key=lambda name: -len(missing[name]))
    step = workers * BATCHES
    batches = [{n: missing[n] for n in names[start::step]} for start in range(step)]
    lost = yield from _on_all([b for b in batches if b], collectors, workers, context)
    for batch in lost:
        yield from _by_itself(batch, collectors, context)


def _here(files: Files, collectors: Sequence[Collector]) -> Iterator[Part]:
    # One by one, for whoever shows how far it is.
    for summary in analyse_each(files, collectors):
        yield [summary], b""


def _on_all(
    batches: list[Files], collectors: Sequence[Collector], workers: int, context: BaseContext
) -> Generator[Part, None, list[Files]]:
    """Yield what the processes found, and return the batches that went with a process."""
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    lost: list[Files] = []
    jobs: dict[Future[bytes], Files] = {}
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for batch in batches:
            try:
                jobs[pool.submit(_analyse, batch, collectors)] = batch
            except BrokenProcessPool:
                lost.append(batch)
            except OSError:
                # No more processes, or no memory for them: this one does it.
                yield from _here(batch, collectors)
        for job in as_completed(jobs):
            try:
                sent = job.result()
                yield pickle.loads(sent), sent  # noqa: S301 - from a fork of this very process
            except BrokenProcessPool:
                lost.append(jobs[job])
    return lost


def _by_itself(
    batch: Files, collectors: Sequence[Collector], context: BaseContext
) -> Iterator[Part]:
    """Yield the summaries of files of which one may end its process: halved until it is found."""
    lost = yield from _on_all([batch], collectors, 1, context)
    for files in lost:
        names = list(files)
        if len(names) == 1:
            yield [fatal(names[0])], b""
            continue
        middle = len(names) // 2
        for half in (names[:middle], names[middle:]):
            yield from _by_itself({name: files[name] for name in half}, collectors, context)


def _analyse(batch: Files, collectors: Sequence[Collector]) -> bytes:
    return pickle.dumps(list(analyse_each(batch, collectors)), pickle.HIGHEST_PROTOCOL)


def cores() -> int:
    """Return on how many cores this process may run."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def _context() -> BaseContext | None:
    """Return how to start processes: by fork, for the rest would import everything anew."""
    # A fork beside other threads may hang on a lock that one of them holds.
    if sys.platform == "linux" and threading.active_count() == 1:
        import multiprocessing

        return multiprocessing.get_context("fork")
    return None
