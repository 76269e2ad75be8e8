"""One thing that was done, and what has become of it."""

from __future__ import annotations

import os
import socket
import stat
import subprocess
import time
import weakref
from collections.abc import Hashable
from functools import cache
from typing import Any

from django_scaleready.checks.witnessed import Fate, Kind
from django_scaleready.witness.frames import Site

# The kernel stamps files by a clock that ticks some 250 times a second.
_TICK = 0.05
_OF_SQLITE = ("", "-wal", "-journal")


class Trace:
    """Something done at a site: its kind, its target as shown, when, and how to look at it later.

    ``fate`` returns what became of it, None if nothing did, and ``waiting`` as long as that may
    still change.
    """

    __slots__ = ("at", "kind", "site", "target")
    waiting = object()

    def __init__(self, kind: Kind, site: Site, target: str) -> None:
        self.kind, self.site, self.target = kind, site, target
        self.at = time.time()

    @property
    def key(self) -> Hashable:
        """What a second one has to have to say nothing new in the same window."""
        return id(self)

    def fate(self, final: bool) -> Any:
        """Return a Fate, None or ``waiting``; the last not if ``final``."""
        raise NotImplementedError


class FileTrace(Trace):
    """A file that was opened for writing, or the new name of one; an SQLite database."""

    __slots__ = ("temporary",)

    def __init__(self, kind: Kind, site: Site, target: str, temporary: bool) -> None:
        super().__init__(kind, site, target)
        self.temporary = temporary

    @property
    def key(self) -> Hashable:
        """A file that is opened again at the same place is the same thing."""
        return self.kind, self.target, self.site

    def fate(self, final: bool) -> Any:
        """Look at the file: gone, untouched, or there."""
        try:
            status = os.lstat(self.target)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        if not self._changed(status):
            # A buffer that was not written yet, a connection that did not insert yet.
            return None if final else self.waiting
        if self.temporary:
            # Whoever holds it may still let go of it.
            return Fate.TEMPORARY if final else self.waiting
        return Fate.CACHE if self.target.startswith(_user_cache()) else Fate.STAYS

    def _changed(self, status: os.stat_result) -> bool:
        if status.st_ctime >= self.at - _TICK:
            return True
        for suffix in _OF_SQLITE[1:] if self.kind is Kind.SQLITE else ():
            try:
                if os.lstat(self.target + suffix).st_ctime >= self.at - _TICK:
                    return True
            except OSError:
                continue
        return False


@cache
def _user_cache() -> str:
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - a string is what is compared
    return home.rstrip("/") + "/"


class SocketTrace(Trace):
    """A socket that was bound; ``chosen`` says that the port was, and not left to the kernel."""

    __slots__ = ("chosen", "socket")

    def __init__(self, site: Site, target: str, bound: socket.socket, chosen: bool) -> None:
        super().__init__(Kind.SOCKET, site, target)
        self.socket, self.chosen = weakref.ref(bound), chosen

    def fate(self, final: bool) -> Any:  # noqa: ARG002 - a socket is looked at once
        """Look whether it listens."""
        if self.chosen:
            return Fate.STAYS
        bound = self.socket()
        if bound is None or bound.fileno() < 0:
            return None
        try:
            listens = bound.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        except OSError:
            # Datagrams know no listening everywhere.
            return None
        return Fate.STAYS if listens else None


class ProcessTrace(Trace):
    """A process that was started; ``popen`` is None where only a fork was seen, or a shell ran."""

    __slots__ = ("forked", "popen", "words")

    def __init__(self, site: Site, target: str, popen: Any, words: Any, forked: bool) -> None:
        super().__init__(Kind.PROCESS, site, target)
        self.popen = weakref.ref(popen) if popen is not None else None
        self.words, self.forked = words, forked

    def fate(self, final: bool) -> Any:  # noqa: ARG002 - a process is looked at once
        """Look whether it still runs."""
        if self.forked:
            return Fate.STAYS
        alive = self.popen and self.popen()
        candidates = [alive] if alive else []
        if self.popen and not alive:
            # Dropped while it ran: there subprocess keeps it until it has ended.
            candidates = [p for p in list(_dropped()) if p.args == self.words]
        return Fate.STAYS if any(_runs(p) for p in candidates) else Fate.ENDED


def _dropped() -> list[Any]:
    return getattr(subprocess, "_active", None) or []


def _runs(process: Any) -> bool:
    """Whether a child runs; without reaping it, which is its owner's affair."""
    pid = getattr(process, "pid", None)
    if process.returncode is not None or not pid:
        return False
    try:
        return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except (ChildProcessError, AttributeError):
        return False
