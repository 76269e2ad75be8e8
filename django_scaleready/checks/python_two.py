"""Whether a project says of itself that it runs on Python 2 alone."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

# What says it, in the folder of the code or one above it.
_TOLD_IN = ("setup.py", "setup.cfg", "pyproject.toml", "runtime.txt")
_ASKS = re.compile(
    r"(?:python_requires|requires-python)[\"']?\s*[=:]\s*[\"']?([^\"'\n]+)|^python-(2)[.\d]*\s*$",
    re.MULTILINE,
)
# ">=2.7,<3", "==2.7.*", "~=2.7", and of a runtime.txt "2".
_BELOW = re.compile(r"<\s*3(?:\.0)*(?![.\d])|<=?\s*2|={2,3}\s*2|~=\s*2\.|^2$")
_CLASSIFIED = re.compile(r"^[^#\n]*Programming Language :: Python :: ([23])", re.MULTILINE)


def is_python_two(root: Path, path: str) -> bool:
    """Whether the nearest folder around a file that says which Python it is for names Python 2."""
    for folder in PurePosixPath(path).parents:
        told = "\n".join(_text(root / folder / name) for name in _TOLD_IN)
        asked = [max(match) for match in _ASKS.findall(told)]
        if any(map(_BELOW.search, asked)):
            return True
        if classified := {*_CLASSIFIED.findall(told)}:
            return classified == {"2"}
        if asked:
            return False
    return False


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
