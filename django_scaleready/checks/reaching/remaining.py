"""Whether a replica comes to a place of the code by ways that no setting closes."""

from __future__ import annotations

from django_scaleready.checks.code.codebase import Key
from django_scaleready.checks.reaching.off import Off
from django_scaleready.checks.reaching.reach import Reach


class Remaining(Reach):
    """Where in the code a replica comes if what is below a setting that is off leads nowhere."""

    def __init__(self, reach: Reach, off: Off) -> None:
        """Take where a replica comes if nothing is off, and what is."""
        super().__init__(reach._code, reach._sayers.without(off.said), reach._running, reach._dead)
        self._off = off
        self._reach = reach
        self._met: list[str] = []
        self._closed: dict[Key, str] = {}
        self._open: dict[Key, bool] = {}

    def closed(self, path: str, place: str) -> str:
        """Return a setting that closes all ways to a place, "" if one is left."""
        key = (path, place)
        if key not in self._closed:
            self._met.clear()
            # Most come by the way that they were found by first.
            came = self._open.get(key) or self._is_open(key) or self.comes(path, place)
            self._closed[key] = "" if came else next(iter(self._met), "")
        return self._closed[key]

    def _is_open(self, asked: Key) -> bool:
        """Whether nothing is off on the way by which a place was found to be reached."""
        pending = [asked]
        while pending:
            key = pending[-1]
            by = self._reach.because.get(key)
            if by is None or key in self._off.said or self._off.of(*key):
                self._open[key] = False
            elif unknown := [each for each in by if each not in self._open]:
                pending += unknown
                continue
            else:
                self._open[key] = all(self._open[each] for each in by)
            pending.pop()
        return self._open[asked]

    def _comes(self, path: str, place: str, asked: set[Key]) -> bool:
        """Answer for a place, if it is not off."""
        if switch := self._off.of(path, place):
            self._met.append(switch)
            return False
        return super()._comes(path, place, asked)
