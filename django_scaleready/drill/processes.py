"""One program: started, watched, frozen, killed, started again."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from pwd import getpwnam
from typing import Protocol, TypeVar

import psutil

from django_scaleready.drill.interrupts import shielded
from django_scaleready.drill.waiting import DrillError, NotInTimeError, until

T = TypeVar("T")

_TAIL_BYTES = 64 * 1024


class Guard(Protocol):
    """Who ends a process when nobody else is left to do it."""

    def watch(self, group: int, stop_signal: int) -> None:
        """The group has begun."""

    def forget(self, group: int) -> None:
        """The group is gone."""


class EndedError(DrillError):
    """A program ended while something was still expected of it."""


@dataclass
class Process:
    """A program in a session of its own, so that what it starts can be ended with it.

    ``stop_signal`` asks it to end (SIGTERM, unless that means something else to it); ``log`` gets
    its stdout and stderr, of all its runs, or ``stdout`` does if it is set: a pipe, for example.
    ``account`` is the user it runs as, if not the caller.
    """

    name: str
    argv: Sequence[str]
    log: Path
    guard: Guard
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    account: str | None = None
    stop_signal: int = signal.SIGTERM
    stdout: Path | None = None
    _popen: subprocess.Popen[bytes] | None = None
    _below: list[psutil.Process] = field(default_factory=list)

    def start(self) -> None:
        """Start it; DrillError if it runs already or there is no such program."""
        if self._popen is not None:
            raise DrillError(f"{self.name} is running already.")
        with shielded(), (self.stdout or self.log).open("ab") as log:
            try:
                self._popen = subprocess.Popen(
                    self.argv,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(self.environment),
                    cwd=self.directory,
                    start_new_session=True,
                    user=self.account,
                    group=None if self.account is None else getpwnam(self.account).pw_gid,
                    extra_groups=None if self.account is None else [],
                )
            except OSError as error:
                raise DrillError(f"{self.name}: cannot start {self.argv[0]}: {error}") from error
            self.guard.watch(self._popen.pid, self.stop_signal)

    @property
    def pid(self) -> int:
        """The pid of the program itself, which is also its process group."""
        if self._popen is None:
            raise EndedError(f"{self.name} is not running.")
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the program itself has not ended. What it started may outlive it."""
        if self._popen is None:
            return False
        # Looked at and not reaped: the zombie keeps the number of its group from being given away,
        # so that killpg() in _bury() cannot hit a stranger.
        try:
            return psutil.Process(self._popen.pid).status() != psutil.STATUS_ZOMBIE
        except psutil.NoSuchProcess:
            return False

    def tail(self, lines: int = 20) -> str:
        """The last lines of its log."""
        with contextlib.suppress(FileNotFoundError), self.log.open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
            return "\n".join(log.read().decode(errors="replace").splitlines()[-lines:])
        return ""

    def wait_until(self, condition: Callable[[], T], seconds: float, what: str) -> T:
        """Like ``until``, but ends at once with the program; both errors show its last lines."""

        def check() -> T:
            if not self.running:
                raise EndedError(f"{self.name} ended before {what}. {self._last_words()}")
            return condition()

        try:
            return until(check, seconds, f"{self.name}, {what}")
        except NotInTimeError as error:
            raise NotInTimeError(f"{error}. {self._last_words()}") from None

    def _last_words(self) -> str:
        return f"Started as {shlex.join(self.argv)}; its last lines:\n{self.tail() or '(none)'}"

    def tree(self) -> list[psutil.Process]:
        """The program and everything below it, in whatever group or session."""
        with contextlib.suppress(psutil.NoSuchProcess):
            top = psutil.Process(self.pid)
            return [top, *top.children(recursive=True)]
        return []

    def signal(self, number: int) -> None:
        """Send a signal to the program itself."""
        os.kill(self.pid, number)

    def freeze(self) -> None:
        """Stop every process of it where it stands: sockets accept and nobody answers."""
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.suspend()

    def thaw(self) -> None:
        """Let it go on after ``freeze``."""
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.resume()

    def ask_to_end(self) -> None:
        """Send ``stop_signal`` and do not wait."""
        with contextlib.suppress(EndedError, ProcessLookupError):
            self.thaw()
            # Asked now: once it has ended, what left its group is nobody's child.
            self._below = self.tree()[1:]
            self.signal(self.stop_signal)

    def stop(self, seconds: float = 10.0) -> bool:
        """Ask it to end, kill it after ``seconds``; return whether it ended when asked."""
        self.ask_to_end()
        deadline = time.monotonic() + seconds
        while self.running and time.monotonic() < deadline:
            time.sleep(0.01)
        in_time = not self.running
        self._bury()
        return in_time

    def kill(self) -> None:
        """End it and everything below it by SIGKILL, as a lost machine does."""
        self._bury()

    def _bury(self) -> None:
        with shielded():
            if self._popen is None:
                return
            self._below += self.tree()[1:]
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._popen.pid, signal.SIGKILL)
            for process in self._below:
                # One that left the group: PostgreSQL gives each backend a session.
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.kill()
            self._popen.wait()
            self.guard.forget(self._popen.pid)
            self._popen, self._below = None, []
