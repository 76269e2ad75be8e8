"""What a measurement ran on, and one measurement at a time."""

from __future__ import annotations

import contextlib
import fcntl
import math
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


class Turns:
    """A file that is locked while something is measured, and given up between two rows.

    A row that begins within ``seconds`` of the turn is still part of it: rows that belong together
    are measured one after the other.
    """

    def __init__(self, path: Path, seconds: float = 90.0) -> None:
        self._file = path.open("a")
        self._seconds = seconds
        self._taken = -math.inf

    def take(self) -> None:
        """Return when it is our turn, however long that takes."""
        if time.monotonic() - self._taken > self._seconds:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            fcntl.flock(self._file, fcntl.LOCK_EX)
            self._taken = time.monotonic()

    def give_up(self) -> None:
        """Let the others, until the next ``take``."""
        fcntl.flock(self._file, fcntl.LOCK_UN)
        self._taken = -math.inf


@dataclass(frozen=True)
class Options:
    """How to run: ``quick`` shows that a table works and nothing about speed, of ours alone.

    ``rows`` are the names of the rows to run, all of them if empty. ``turns`` are taken with
    others who measure on this machine.
    """

    quick: bool = False
    rows: tuple[str, ...] = ()
    turns: Turns | None = None

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
        """Have the turn during the block, and say on stderr what was measured and how long."""
        if self.turns is not None:
            self.turns.take()
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
