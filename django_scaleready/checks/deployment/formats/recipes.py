"""What make and just run, by the file that they read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.formats import justfile, makefile
from django_scaleready.checks.deployment.shell.script import Script, parse

Find = Callable[[str], DeployFile | None]


def of(words: Sequence[str], find: Find, environment: Mapping[str, str | None]) -> list[Script]:
    """Return the scripts that make or just runs; none of another program."""
    name = PurePosixPath(words[0]).name
    if name == "make" and (file := find(makefile.path_of(words))):
        return [parse(file.path, text) for text in makefile.recipes(file.text, words)]
    files = map(find, justfile.paths_of(words)) if name == "just" else ()
    if file := next(filter(None, files), None):
        texts = justfile.recipes(file.text, words, environment)
        return [parse(file.path, text) for text in texts]
    return []
