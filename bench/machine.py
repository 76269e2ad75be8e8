"""What a measurement ran on, and one measurement at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil

from bench.subjects import Subject

# Named below every table, in this order.
DISTRIBUTIONS = ("django", "gunicorn")


@dataclass(frozen=True)
class Options:
    """How to run: ``quick`` shows that a table works and nothing about speed, of ours alone.

    ``rows`` are the names of the rows to run, all of them if empty. ``lock`` is a file that is
    locked during each measurement, so that two runs on one machine take turns.
    """

    quick: bool = False
    rows: tuple[str, ...] = ()
    lock: Path | None = None

    def wants(self, subject: Subject, *names: str) -> bool:
        """Whether to run the row of a subject; what it needs is installed then.

        ``names`` are the row's other names on the command line.
        """
        if self.quick and subject.requirement:
            return False
        if self.rows and not {subject.name, *names} & set(self.rows):
            return False
        return subject.python.exists()

    @contextlib.contextmanager
    def alone(self, what: str) -> Iterator[None]:
        """Hold the lock during the block, and say on stderr what is measured and for how long."""
        with contextlib.ExitStack() as stack:
            if self.lock is not None:
                fcntl.flock(stack.enter_context(self.lock.open("a")), fcntl.LOCK_EX)
            began = time.monotonic()
            yield
        print(f"  {what}: {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def described() -> str:
    """One sentence: cores, memory, system, versions."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = psutil.virtual_memory().total / 2**30
    versions = ", ".join(f"{name} {version(name)}" for name in DISTRIBUTIONS)
    return (
        f"Measured on {cores} cores, {memory:.0f} GiB, {platform.system()},"
        f" Python {platform.python_version()}, {versions};"
        " load, servers and services on the same machine, over loopback."
    )
