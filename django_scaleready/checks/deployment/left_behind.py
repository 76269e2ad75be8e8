"""What looks like something that is started, and is not.

The configuration of a server that another took the place of; a start script that is for the
machine of somebody who works on the code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path, PurePosixPath

from django_scaleready.checks.deployment.files import DeployFile, Kind, read
from django_scaleready.checks.deployment.formats import dockerignore
from django_scaleready.checks.deployment.formats.dockerfile import Stage
from django_scaleready.checks.deployment.process import Process

# What names the packages of a project, and those of the system, that it is deployed with.
_DEPENDENCIES = re.compile(
    r".*(requirements|constraints|packages).*\.(txt|in|pip)|Pipfile|pyproject\.toml|setup\.(py|cfg)"
    r"|environment\.ya?ml|apt\.txt|Aptfile"
)
# It comes to a machine with what installs the server there.
_INSTALLED = re.compile(r"(^|/)(ansible|roles|playbooks?|salt|puppet|chef|provision\w*|debian)/")
_BELOW = re.compile(r"requirements|reqs|deps|dependencies", re.IGNORECASE)
_DEPTH = 3
# Nobody sits before a container; "open" and "start" are other systems' names for xdg-open.
_FOR_A_DESKTOP = re.compile(
    r"\b(xdg-open|sensible-browser|gnome-open|wslview|mkcert)\b|-m webbrowser\b"
    r"|^\s*(open|start) [\"']?https?://"
    r"|^[^#\n]*\bopenssl req\b[^\n]*CN=localhost\b",
    re.MULTILINE,
)
_STARTED_BY = frozenset(
    {Kind.DOCKERFILE, Kind.PROCFILE, Kind.COMPOSE, Kind.KUBERNETES, Kind.SYSTEMD, Kind.PLATFORM}
)
_NAMED = re.compile("uwsgi", re.IGNORECASE)


def is_unused(
    root: Path,
    file: DeployFile,
    files: Iterable[DeployFile],
    images: Iterable[tuple[DeployFile, Stage]],
) -> bool:
    """Whether a file that no other one starts is not started by the deployment either.

    ``images``: those that are deployed.
    """
    if _is_left_behind(root, file, files) or _is_of_a_desktop(file, files):
        return True
    return _is_in_no_image(root, file, images)


def _is_in_no_image(
    root: Path, file: DeployFile, images: Iterable[tuple[DeployFile, Stage]]
) -> bool:
    """Whether a script is left out of each image that starts something, by ``.dockerignore``.

    An image that is built from a folder above the script may be built from just that folder, to
    which what the root leaves out says nothing.
    """
    starting = [made for made, stage in images if stage.started]
    if file.kind is not Kind.SCRIPT or _INSTALLED.search(file.path) or not starting:
        return False
    for made in starting:
        own = read(root / f"{made.path}{dockerignore.NAME}", root)
        text = own if isinstance(own, str) else read(root / dockerignore.NAME, root)
        apart = made.folder and file.path.startswith(f"{made.folder}/")
        if apart or not isinstance(text, str) or not dockerignore.leaves_out(text, file.path):
            return False
    return True


def _is_left_behind(root: Path, file: DeployFile, files: Iterable[DeployFile]) -> bool:
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
    listed = (path for path in _listed(root) if path != root / file.path)
    texts = [text for path in listed if isinstance(text := read(path, root), str)]
    return bool(texts) and not any(map(_NAMED.search, texts))


def _is_of_a_desktop(file: DeployFile, files: Iterable[DeployFile]) -> bool:
    """Whether a script opens a browser, or makes a certificate for this machine alone.

    Only if other files say what is deployed, and none of them names it.
    """
    if file.kind is not Kind.SCRIPT or not _FOR_A_DESKTOP.search(file.text):
        return False
    others = [each for each in files if each.path != file.path and not each.for_development]
    said = any(each.kind in _STARTED_BY for each in others)
    return said and not any(file.name in each.text for each in others)


def without_others_supervisors(
    all_of_them: Iterable[Process], deployed: list[Process]
) -> list[Process]:
    """Leave out the supervisord whose configuration only containers mount that are not deployed.

    A file that lies in the image is none of theirs alone.
    """
    others = [each for each in all_of_them if each not in deployed]
    return [
        each
        for each in deployed
        if each.kind is not Kind.SUPERVISOR
        or any(_mounts(holder, each.location.path) for holder in deployed)
        or not any(_mounts(holder, each.location.path) for holder in others)
    ]


def _mounts(process: Process, path: str) -> bool:
    """Whether a file is mounted; where the compose file comes to lie is not known for sure."""
    end = PurePosixPath(path).parts[-2:]
    sources = (PurePosixPath(each.source) for each in process.volumes)
    named = (source.parts for source in sources if source.parts and source.name == end[-1])
    return any(parts[-2:] == end or set(parts[:-1]) <= {"..", "."} for parts in named)


def _listed(root: Path) -> Iterator[Path]:
    levels = (root.glob("/".join("*" * depth)) for depth in range(1, _DEPTH + 1))
    for path in chain.from_iterable(levels):
        listed = _BELOW.search(path.parent.name) and path.suffix in {".txt", ".in", ".pip"}
        if listed or _DEPENDENCIES.fullmatch(path.name):
            yield path
