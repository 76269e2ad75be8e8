"""The ``Path`` of django-environ: folders that settings count from their own file."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EnvironPath:
    """What ``environ.Path(__file__) - 3`` is: called with names, it gives the path below it."""

    root: str

    @classmethod
    def made(cls, start: str = "", *names: str, **_: object) -> EnvironPath:
        """Return the folder that ``environ.Path()`` makes of its arguments."""
        return cls(posixpath.normpath(posixpath.join(start, *names)))

    def path(self, *names: str, **_: object) -> EnvironPath:
        """Return a folder below it."""
        return self.made(self.root, *names)

    def __call__(self, *names: str, **_: object) -> str:
        """Return the path of what lies below it, as text."""
        return self.path(*names).root

    def __add__(self, name: str) -> EnvironPath:
        """Return a folder below it."""
        return self.path(name)

    def __sub__(self, steps: int) -> EnvironPath:
        """Return the folder that is so many steps above it."""
        return self.path("../" * steps)

    def __str__(self) -> str:
        """Return it as text."""
        return self.root

    def __fspath__(self) -> str:
        """Return it as text, as ``os.path`` and ``Path()`` ask for it."""
        return self.root
