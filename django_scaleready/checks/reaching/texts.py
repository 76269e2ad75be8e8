"""The words that a project's files other than Python say."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files

# Where else a function may be named: settings that are data, what starts programs.
_DATA = (*(".cfg", ".conf", ".env", ".ini", ".json", ".service", ".sh", ".toml", ".yaml", ".yml"),)
# What a person or a browser reads, who say many a word. An object's part stands after a dot there.
_PROSE = (
    *(".htm", ".html", ".j2", ".jinja", ".jinja2", ".mjml", ".template", ".tmpl", ".txt", ".xml"),
)
_DIGITS = b"0123456789"
# To cut a text at what is in no word takes a third of the time of finding its words.
_CUT = bytes(
    byte if chr(byte).isascii() and (chr(byte).isalnum() or chr(byte) == "_") else ord(" ")
    for byte in range(256)
)
_PART = re.compile(rb"\.([^\W\d]\w*)\b(?!\()")
# Larger files are what a program has written, or a dump: they name no function.
MOST_BYTES = 200_000
_LOADS = re.compile(rb"{%-?\s*load\s([^%]*)%}")
Words = frozenset[bytes]


class Texts:
    """The words of one project's texts; most projects are never asked."""

    def __init__(self, code: Codebase, root: Path) -> None:
        """Take the code, which knows the names of all files, and the folder it lies in."""
        self._code = code
        self._root = root

    def say(self, name: str) -> bool:
        """Whether a file says a name.

        A word without an underscore is one in a template only after a dot and without a call: a
        browser's ``fetch()`` is not the project's.
        """
        word = name.encode()
        data, prose, parts = self._words
        return word in data or word in (prose if "_" in name.strip("_") else parts)

    def hold(self, text: str) -> bool:
        """Whether a file holds a text, which takes reading them all."""
        wanted = text.encode()
        return any(wanted in content for content in self._contents(_is_data))

    def load(self, library: str) -> bool:
        """Whether a template loads a library of tags; it may, if the templates lie elsewhere."""
        if not any(map(_is_template, self._code.listed)):
            return True
        return library in self._libraries

    @cached_property
    def _libraries(self) -> frozenset[str]:
        """The libraries of tags that a template loads, be it one that is written in the code."""
        listed = self._code.listed
        paths = {path for path in listed if _is_template(path) or _is_prose(path) or _is_data(path)}
        paths.update(files.own([*listed]), self._below_templates())
        return self._code.kept.made("libraries", self._root, paths, lambda: self._loaded(paths))

    def _loaded(self, paths: set[str]) -> frozenset[str]:
        contents = (files.content(self._root, path) for path in paths)
        loads = (words for content in contents for words in _LOADS.findall(content))
        names = (name for words in loads for name in words.decode(errors="replace").split())
        return frozenset(name.rpartition(".")[2] for name in names)

    def _below_templates(self) -> Iterator[str]:
        """Yield what lies in folders of templates, whatever those in them are called."""
        parts = (path.partition("templates/") for path in self._code.listed)
        root = str(self._root)
        for top in {before + name for before, name, _ in parts if name}:
            for folder, _, names in os.walk(f"{root}/{top}"):
                below = folder[len(root) + 1 :].rstrip("/")
                yield from (f"{below}/{name}" for name in names)

    @cached_property
    def _words(self) -> tuple[Words, Words, Words]:
        """The words of what is data or starts programs; those of prose, and those after a dot."""
        paths = [path for path in self._code.listed if _is_data(path) or _is_prose(path)]
        return self._code.kept.made("words", self._root, paths, self._said)

    def _said(self) -> tuple[Words, Words, Words]:
        prose = [*self._contents(_is_prose)]
        parts = (part for content in prose for part in _PART.findall(content))
        return _words(self._contents(_is_data)), _words(prose), frozenset(parts)

    def _contents(self, wanted: Callable[[str], bool]) -> Iterator[bytes]:
        contents = (files.content(self._root, p) for p in self._code.listed if wanted(p))
        return (content for content in contents if len(content) <= MOST_BYTES)


def _words(contents: Iterable[bytes]) -> Words:
    found: set[bytes] = set()
    for content in contents:
        found.update(content.translate(_CUT).split())
    # A name begins with no digit.
    return frozenset(word.lstrip(_DIGITS) for word in found)


def _is_template(path: str) -> bool:
    return path.endswith((".html", ".htm")) or "templates/" in path


def _is_prose(path: str) -> bool:
    return path.endswith(_PROSE)


def _is_data(path: str) -> bool:
    """Whether a file is data, or starts programs, as one without a suffix often does."""
    return path.endswith(_DATA) or "." not in path.rpartition("/")[2]
