"""The absolute paths that texts say, by the function: who may read what another one writes.

A program is told of a file in a text that is no call of Python's: ``"scan -c /etc/scan.yaml"``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.reading import Reading

NOTED = "said-paths"
_PATH = re.compile(r"(?<![\w:/.<>)}~])(?:~|/[\w.-]+)/[\w./-]*")
# Longer ones are templates and queries.
_LONGEST = 300
_HOME = "~"
# A folder that is somebody's own has this many parts: "/", "srv", "exports".
OWN = 3


def said_paths(reading: Reading) -> Iterator[Fact]:
    """Note the paths that the texts of each function say: each one."""
    for scope in reading.module.all_scopes:
        found = {
            path
            for text in scope.texts
            if "/" in text and len(text) <= _LONGEST
            for path in _PATH.findall(text)
        }
        if found:
            yield Fact(getattr(scope.node, "lineno", 1), scope.qualname, tuple(sorted(found)))


def is_same(text: str, said: str) -> bool:
    """Whether what is said is a path, lies below it, or is a folder of somebody's around it."""
    if said.startswith(text):
        return True
    around, path = PurePosixPath(said), PurePosixPath(text)
    own = len(around.parts) >= OWN or said.startswith(f"{_HOME}/")
    return own and path.is_relative_to(around)
