"""Which files are Dockerfiles, by their names and by what they begin with."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

# Dockerfile.web, web.dockerfile; ProdDockerfile is told by its capital letter.
_NAMED = re.compile(r"(^|[.-])(docker|container)file([.-]|$)", re.IGNORECASE)
# Of those called web.docker, and in dockerfiles/web, the text tells.
_SUFFIX = ".docker"
_FOLDERS = frozenset({"dockerfile", "dockerfiles", "containerfile", "containerfiles"})
_BEGINS = re.compile(r"(?:[ \t]*(?:#[^\n]*|ARG[ \t][^\n]*)?\n)*[ \t]*FROM[ \t]+\S", re.IGNORECASE)


def is_dockerfile(path: str, name: str, text: str) -> bool:
    """Whether a file makes an image; ``name`` is the one that it is used by."""
    if _NAMED.search(name) or name.endswith(("Dockerfile", "Containerfile")):
        return True
    suffix = PurePosixPath(name).suffix.lower()
    within = not suffix and PurePosixPath(path).parent.name.lower() in _FOLDERS
    return (suffix == _SUFFIX or within) and bool(_BEGINS.match(text))
