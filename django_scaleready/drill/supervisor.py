"""Starts processes and ends them all: after success, an exception, a signal, or its own death."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from django_scaleready.drill import watchdog
from django_scaleready.drill.interrupts import as_exceptions, shielded
from django_scaleready.drill.ports import Ports
from django_scaleready.drill.processes import Process
from django_scaleready.drill.waiting import DrillError

# Of the caller's environment these alone: DJANGO_SETTINGS_MODULE or a DATABASE_URL of the shell
# must not decide what a drill runs on.
PASSED_ON = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")


def bare_environment() -> dict[str, str]:
    """What every process needs of the caller's environment, and nothing of any project."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


class Supervisor:
    """A context that owns processes, ports and one temporary directory.

    Supervisors nest: the inner one's processes end first. All processes of one are asked to end at
    once, and killed with everything below them ``patience`` seconds later.
    """

    def __init__(self, *, patience: float = 10.0) -> None:
        self.patience = patience
        self._processes: list[Process] = []
        self._ports = Ports()
        self._signals = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            stack.enter_context(as_exceptions())
            with shielded():
                self._open()
            self._signals = stack.pop_all()
        return self

    def _open(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="scaleready-"))
        # A service that refuses to run as root has to reach its data below.
        self.directory.chmod(0o711)
        # Not inherited by any other process: it closes with this one.
        reading, writing = os.pipe()
        self._orders = os.fdopen(writing, "w", buffering=1)
        with os.fdopen(reading) as stdin:
            self._watchdog = subprocess.Popen(
                [sys.executable, "-I", "-S", watchdog.__file__],
                stdin=stdin,
                start_new_session=True,  # A Ctrl-C at the terminal is not meant for it.
            )
        self._tell(f"rm {self.directory}")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Restored after the shield: a signal that came meanwhile is still ours to raise.
        with self._signals, shielded():
            self._end_all()
            self._ports.close()
            shutil.rmtree(self.directory, ignore_errors=True)
            with contextlib.suppress(BrokenPipeError):
                self._orders.close()
            self._watchdog.wait()

    def process(  # noqa: PLR0913 - keywords, each with a default
        self,
        name: str,
        argv: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        directory: Path | None = None,
        account: str | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> Process:
        """Return a process that ends with this context, not started yet.

        ``environment`` is added to ``bare_environment()``; the log is ``<name>.log`` in
        ``self.directory``. DrillError if the name is taken.
        """
        if any(name == process.name for process in self._processes):
            raise DrillError(f"There is a {name!r} already: give it another name.")
        process = Process(
            name=name,
            argv=[str(word) for word in argv],
            log=self.directory / f"{name}.log",
            guard=self,
            environment={**bare_environment(), **(environment or {})},
            directory=directory,
            account=account,
            stop_signal=stop_signal,
        )
        self._processes.append(process)
        return process

    def folder(self, name: str) -> Path:
        """Make a directory below the run's own and return it; DrillError if it is there."""
        folder = self.directory / name
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            raise DrillError(f"There is a {name!r} already: give it another name.") from None
        return folder

    def port(self) -> int:
        """Return a free port on loopback, kept for this context."""
        return self._ports.reserve()

    def watch(self, group: int, stop_signal: int) -> None:
        """Have the group ended if this process dies."""
        self._tell(f"+{group} {stop_signal}")

    def forget(self, group: int) -> None:
        """The group is gone; its number may soon be another's."""
        self._tell(f"-{group}")

    def _tell(self, line: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # Killed: then there is nobody to tell.
            self._orders.write(f"{line}\n")

    def _end_all(self) -> None:
        for process in reversed(self._processes):
            process.ask_to_end()
        deadline = time.monotonic() + self.patience
        while any(p.running for p in self._processes) and time.monotonic() < deadline:
            time.sleep(0.01)
        for process in reversed(self._processes):
            process.kill()
