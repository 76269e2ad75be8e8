"""What a ``.dockerignore`` keeps out of an image."""

from __future__ import annotations

import posixpath
import re

NAME = ".dockerignore"
# What stands for more than itself: **/, **, *, ?, [a-z], and what is escaped.
_PARTS = re.compile(r"\*\*/|\*\*|\*|\?|\[\^?[^\]]+\]|\\.|.", re.DOTALL)
_MEANING = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


def leaves_out(text: str, path: str) -> bool:
    """Whether a file leaves out a path below the folder that an image is built from.

    The last line that matches the path, or a folder above it, decides: ``!`` takes it back.
    """
    left = False
    for line in text.splitlines():
        given = line.strip()
        pattern = given.removeprefix("!").strip()
        if not pattern or given.startswith("#"):
            continue
        if _matches(pattern, path):
            left = not given.startswith("!")
    return left


def _matches(pattern: str, path: str) -> bool:
    plain = posixpath.normpath(f"/{pattern}").lstrip("/")
    if not plain:
        return False
    made = "".join(map(_meaning, _PARTS.findall(plain)))
    try:
        return bool(re.fullmatch(f"{made}(?:/.*)?", path, re.DOTALL))
    except re.error:
        return False


def _meaning(part: str) -> str:
    if part in _MEANING or (part[0] == "[" and len(part) > 1):
        return _MEANING.get(part, part)
    return re.escape(part[-1])
