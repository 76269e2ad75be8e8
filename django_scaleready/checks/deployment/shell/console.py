"""Files whose lines a start script brings to the container's output: ``tail -F /logs/*.log &``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.view import Deployment

_FOLLOWS = re.compile(r"--follow(=.*)?|-[a-zA-Z0-9]*[fF][a-zA-Z0-9]*")
# What follows them is a number, and no file.
_COUNTS = frozenset({"-n", "--lines", "-c", "--bytes", "-s", "--sleep-interval", "--pid"})


def is_tailed(deployment: Deployment, path: str) -> bool:
    """Whether a deployed script follows a file and prints what is written to it.

    A path below the project's root, or without one, is looked for wherever the image has it.
    """
    return any(_is_named(deployment.root, path, each) for each in _tailed(deployment))


def _tailed(deployment: Deployment) -> Iterator[str]:
    for command in deployment.commands:
        if command.program == "tail" and not command.output and _follows(command):
            words = command.arguments
            for before, word in zip(("", *words), words, strict=False):
                if not word.startswith("-") and before not in _COUNTS:
                    yield word


def _follows(command: Command) -> bool:
    return any(map(_FOLLOWS.fullmatch, command.arguments))


def _is_named(root: Path, path: str, followed: str) -> bool:
    if fnmatchcase(path, followed):
        return True
    given = PurePosixPath(path)
    if given.is_relative_to(root.as_posix()):
        given = given.relative_to(root.as_posix())
    parts = [part for part in given.parts if part != ".."]
    if given.is_absolute() or not parts:
        return False
    end = PurePosixPath(followed).parts[-len(parts) :]
    return fnmatchcase("/".join(parts), "/".join(end))
