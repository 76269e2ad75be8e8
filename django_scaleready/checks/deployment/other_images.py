"""Images of other programs, which are built in the same repository from folders of their own.

A monitor, an object store, a script that keeps a name server up to date: such an image takes
nothing but what lies beside its Dockerfile, and nothing there speaks of Django or what serves it.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path, PurePosixPath

from django_scaleready.checks.deployment.files import DeployFile, read
from django_scaleready.checks.deployment.formats.dockerfile import Stage, deployed
from django_scaleready.checks.deployment.names import is_bare, is_own_image

# Of the project, or of what may be: what is fetched.
_PROJECT = re.compile(
    r"django|celery|channels|daphne|gunicorn|hypercorn|uvicorn|uwsgi|granian|waitress|rqworker|huey"
    r"|dramatiq|manage\.py|\b[aw]sgi|\bgit\s+clone|\bONBUILD\b",
    re.IGNORECASE,
)
# What it starts is told from outside, which may be the project's where Python is.
_TOLD = re.compile(r"\$\{?@")
_PYTHON = re.compile(r"python|\bpip|\bconda\b", re.IGNORECASE)
_FROM = re.compile(r"--from=(\S+)")
_SAYING = frozenset({"", ".conf", ".ini", ".py", ".sh", ".toml", ".txt"})
# A program with more files is looked at by nobody for this.
_MANY = 200


def is_of_another(root: Path, file: DeployFile, stages: list[Stage], own: frozenset[str]) -> bool:
    """Whether a Dockerfile makes another program's image; ``own``: what the project's is called."""
    sources = [source for stage in stages for source, _ in stage.copies]
    if not file.folder or not sources or _PROJECT.search(file.text):
        return False
    names = {stage.name for stage in stages}
    if any(name not in names and not name.isdecimal() for name in _FROM.findall(file.text)):
        return False
    bases = [stage.base for stage in stages if stage.base]
    if any(is_own_image(base, own) for base in bases):
        return False
    stage = deployed(stages)
    whole = any(posixpath.normpath(source) == "." for source in sources)
    started = [part for word in stage.started for part in word.split()] if stage else []
    if not _lie_beside(root, file.folder, started if whole else sources):
        return False
    said = _said_in(root, file.folder)
    if said is None or _PROJECT.search(said):
        return False
    return not _TOLD.search(said) or (all(map(is_bare, bases)) and not _PYTHON.search(said))


def _lie_beside(root: Path, folder: str, names: Sequence[str]) -> bool:
    """Whether some files are in a folder, and none of the names is that of one above it."""
    plain = [name for name in map(posixpath.normpath, names) if name[:1] not in {"/", "-", "$"}]
    above = [str(parent) for parent in PurePosixPath(folder).parents]
    if any(name == "." or name.startswith("..") for name in plain):
        return False
    if any(_is_there(root, parent, name) for parent in above for name in plain):
        return False
    return any(_is_there(root, folder, name) for name in plain)


def _is_there(root: Path, folder: str, name: str) -> bool:
    return os.path.exists(root / folder / name)  # noqa: PTH110 - a Path raises where nobody may look


def _said_in(root: Path, folder: str) -> str | None:
    """Return what the files say that say what a program is; None if they are too many to tell."""
    paths = list(islice(_files(root / folder), _MANY))
    texts = [read(path, root) for path in paths if path.suffix.lower() in _SAYING]
    known = [text for text in texts if isinstance(text, str)]
    return "\n".join(known) if len(known) == len(texts) and len(paths) < _MANY else None


def _files(folder: Path) -> Iterator[Path]:
    for above, _, names in os.walk(folder):
        yield from (Path(above, name) for name in names)
