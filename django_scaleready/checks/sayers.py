"""Who in a project says a name: its code, function by function, and its other files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.code import files
from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import Summary

# Where else a function may be named: templates, settings that are data, what starts programs.
_TEXTS = (
    *(".cfg", ".conf", ".env", ".htm", ".html", ".ini", ".j2", ".jinja", ".jinja2", ".json"),
    *(".mjml", ".service", ".sh", ".template", ".tmpl", ".toml", ".txt", ".xml", ".yaml", ".yml"),
)


class Sayers:
    """The names that a project's code and its other files say."""

    def __init__(self, code: Codebase, root: Path) -> None:
        """Take the code, and the folder it lies in."""
        self._code = code
        self._root = root
        self._words: dict[str, list[Key]] = {}

    def of(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a function or a class that stands at the top of a file."""
        yield from self._saying(f".{name} ")
        near = self._code.importers.get(source.path, set()) | {source.path}
        yield from (key for key in self._composing(name) if key[0] in near)
        bare = self._saying(f" {name} ")
        importers = self._importers(name, source)
        for key in bare:
            if key[0] == source.path or key[0] in importers:
                yield key
        # Who imports it and never says it may hand it on; of a package, those say it who take it.
        told = {path for path, _ in bare}
        yield from ((p, "") for p in importers - told if not p.endswith("__init__.py"))

    def of_method(self, name: str) -> Iterator[Key]:
        """Yield the places that say a name after a dot, in a text, or put it together."""
        yield from self._saying(f".{name} ")
        yield from self._composing(name)

    def _composing(self, name: str) -> Iterator[Key]:
        """Yield the places that may put a name together: ``getattr(self, f"sync_{kind}")``."""
        cuts = [at for at, letter in enumerate(name) if letter == "_" and 1 < at < len(name) - 2]
        for part in (part for at in cuts for part in (name[: at + 1], name[at:])):
            yield from (key for key in self._saying(f".{part} ") if self._asks(key))

    def is_in_texts(self, name: str) -> bool:
        """Whether a file that is no Python says a name."""
        return re.search(rf"(?<!\w){re.escape(name)}(?!\w)".encode(), self._texts) is not None

    def _asks(self, key: Key) -> bool:
        return " getattr " in self._code.by_path[key[0]].said[key[1]]

    def _saying(self, word: str) -> list[Key]:
        if word not in self._words:
            self._words[word] = [
                (source.path, place)
                for source in self._code
                for place, words in source.said.items()
                if word in words
            ]
        return self._words[word]

    def _importers(self, name: str, source: Summary) -> set[str]:
        """Return the files that import a name of another file, as that one or through a package."""
        found = set()
        for path, dotted in (*self._imports.get(name, ()), *self._imports.get("*", ())):
            whole = f"{dotted[:-1]}{name}" if dotted.endswith(".*") else dotted
            located = self._code.locate(whole)
            if located is not None and located[0] is source:
                found.add(path)
        return found

    @cached_property
    def _imports(self) -> dict[str, list[tuple[str, str]]]:
        """What is imported, by the last part of its name: by which file, and the whole name."""
        found: dict[str, list[tuple[str, str]]] = {}
        for source in self._code:
            for dotted in source.imported:
                found.setdefault(dotted.rpartition(".")[2], []).append((source.path, dotted))
        return found

    @cached_property
    def _texts(self) -> bytes:
        # Most projects are never asked.
        paths = (path for path in self._code.listed if _may_name(path))
        return b"\n".join(_read(self._root, path) for path in paths)


def _may_name(path: str) -> bool:
    """Whether a file may name a function of the project: a program has often no suffix."""
    return path.endswith(_TEXTS) or "." not in path.rpartition("/")[2]


def _read(root: Path, path: str) -> bytes:
    """Return what stands in a file; nothing of one that cannot be read, or is long enough for data.

    Whoever reads the code says so.
    """
    try:
        return files.read(root, path)
    except (OSError, ValueError):
        return b""
