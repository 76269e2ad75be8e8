"""The folders that Apache and Caddy answer from, by the few directives that say so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import DeployFile, Kind, kind_of, read

# A URL, the directory that answers it, and where that is said.
Folder = tuple[str, str, Location]
_WORD = re.compile(r"\"((?:[^\"\\]|\\.)*)\"|(\S+)")
_LOCATION = re.compile(r"<Location(?:Match)?$", re.IGNORECASE)
# {$MEDIA_ROOT:/srv/media}, of which the second is taken where the variable is not set.
_VARIABLE = re.compile(r"\{\$\w+:([^{}]*)\}")
_HANDLES = frozenset({"handle", "handle_path", "route"})
_DOCUMENTS = ("doc", "docs")
_DEPTHS = ("*.conf*", "*/*.conf*", "*/*/*.conf*")


class _Block(NamedTuple):
    """A directive of Caddy's with those in its braces."""

    words: list[str]
    line: int
    inner: list[_Block]


def documented(root: Path) -> Iterator[DeployFile]:
    """Yield the servers' configurations that lie beside a project's documentation.

    They are what whoever deploys it is told to take, and say nothing of how it is started.
    """
    for name in _DOCUMENTS:
        paths = (path for pattern in _DEPTHS for path in (root / name).glob(pattern))
        for path in sorted(paths):
            text = read(path, root)
            kind = kind_of(path.name, text) if isinstance(text, str) else None
            if isinstance(text, str) and kind in {Kind.NGINX, Kind.APACHE}:
                yield DeployFile(path.relative_to(root).as_posix(), kind, text)


def folders(file: DeployFile) -> Iterator[Folder]:
    """Yield what a configuration of Apache's or Caddy's serves from a disk."""
    if file.kind is Kind.APACHE:
        yield from _apache(file)
    elif file.kind is Kind.CADDY:
        blocks, _ = _blocks(file.text.splitlines(), 0)
        yield from _caddy(file, blocks, "", "", strips=False)


def _words(line: str) -> list[str]:
    return [quoted or plain for quoted, plain in _WORD.findall(line)]


def _apache(file: DeployFile) -> Iterator[Folder]:
    """``Alias URL folder``, or ``Alias folder`` in what is said of a location."""
    inside = ""
    for number, line in enumerate(file.text.splitlines(), 1):
        match _words(line.strip().removesuffix(">")):
            case [opened, *_, url] if _LOCATION.match(opened):
                inside = url
            case [closed] if closed.lower().startswith("</location"):
                inside = ""
            case [name, url, folder] if name.lower() in {"alias", "aliasmatch"}:
                yield url, folder, Location(file.path, number)
            case [name, folder] if name.lower() == "alias" and inside:
                yield inside, folder, Location(file.path, number)


def _blocks(lines: list[str], at: int) -> tuple[list[_Block], int]:
    """Return the directives from a line on, and the line behind what closes them."""
    found: list[_Block] = []
    while at < len(lines):
        words, number = _words(_VARIABLE.sub(r"\1", lines[at])), at + 1
        at += 1
        if not words or words[0].startswith("#"):
            continue
        if words == ["}"]:
            break
        inner: list[_Block] = []
        if words[-1] == "{":
            inner, at = _blocks(lines, at)
        found.append(_Block([word for word in words if word != "{"], number, inner))
    return found, at


def _caddy(
    file: DeployFile, blocks: list[_Block], url: str, above: str, *, strips: bool
) -> Iterator[Folder]:
    """Yield what the directives of a block serve, below a URL and from a folder around it.

    ``handle_path`` takes the URL off before it looks below the folder.
    """
    roots = {
        (words[1] if len(words) > 2 else "*"): words[-1]  # noqa: PLR2004 - a matcher and a folder
        for words, _, _ in blocks
        if words[:1] == ["root"] and words[1:]
    }
    root = roots.get("*", above)
    for words, line, inner in blocks:
        name, *given = words or [""]
        path = next((word for word in given if word.startswith("/")), "")
        if name == "file_server":
            own = [each for each in inner if each.words[:1] == ["root"]]
            folder = own[0].words[-1] if own else roots.get(path or url, root)
            asked = path or url
            place = Location(file.path, own[0].line if own else line)
            if folder and asked:
                yield asked, folder if strips else f"{folder.rstrip('/')}{_plain(asked)}", place
        elif name in _HANDLES and path:
            yield from _caddy(file, inner, path, root, strips=name == "handle_path")
        elif inner and name not in {"file_server", "header"}:
            yield from _caddy(file, inner, url, root, strips=strips)


def _plain(url: str) -> str:
    return url.rstrip("*")
