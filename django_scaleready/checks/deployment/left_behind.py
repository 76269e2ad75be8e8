"""Whether the configuration of a server was left behind when another took its place."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from django_scaleready.checks.deployment.files import DeployFile, Kind, read

# What names the packages of a project, and those of the system, that it is deployed with.
_DEPENDENCIES = re.compile(
    r".*(requirements|constraints|packages).*\.(txt|in|pip)|Pipfile|pyproject\.toml|setup\.(py|cfg)"
    r"|environment\.ya?ml|apt\.txt|Aptfile"
)
# It comes to a machine with what installs the server there.
_INSTALLED = re.compile(r"(^|/)(ansible|roles|playbooks?|salt|puppet|chef|provision\w*|debian)/")
_BELOW = re.compile(r"requirements|reqs|deps|dependencies", re.IGNORECASE)
_DEPTH = 3
_NAMED = re.compile("uwsgi", re.IGNORECASE)


def is_left_behind(root: Path, file: DeployFile, files: Iterable[DeployFile]) -> bool:
    """Whether an ini file of uWSGI's is of one that nobody installs, and no other file names.

    Where no image says what is installed, or something else may, it is taken for one that is
    started.
    """
    if file.kind is not Kind.UWSGI or _INSTALLED.search(file.path):
        return False
    others = [each for each in files if each.path != file.path]
    images = (each for each in others if each.kind is Kind.DOCKERFILE)
    if all(each.for_development for each in images):
        return False
    if any(_NAMED.search(each.text) for each in others):
        return False
    texts = [text for path in _listed(root) if isinstance(text := read(path, root), str)]
    return bool(texts) and not any(map(_NAMED.search, texts))


def _listed(root: Path) -> Iterator[Path]:
    levels = (root.glob("/".join("*" * depth)) for depth in range(1, _DEPTH + 1))
    for path in chain.from_iterable(levels):
        listed = _BELOW.search(path.parent.name) and path.suffix in {".txt", ".in", ".pip"}
        if listed or _DEPENDENCIES.fullmatch(path.name):
            yield path
