"""Who in a project says a name: its code, function by function, and its other files."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.code import files
from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import Summary

# Where else a function may be named: settings that are data, what starts programs.
_DATA = (*(".cfg", ".conf", ".env", ".ini", ".json", ".service", ".sh", ".toml", ".yaml", ".yml"),)
# What a person or a browser reads, who say many a word. An object's part stands after a dot there.
_PROSE = (
    *(".htm", ".html", ".j2", ".jinja", ".jinja2", ".mjml", ".template", ".tmpl", ".txt", ".xml"),
)
# What imports a file by a name that is put together.
_IMPORTERS = ("importlib", "pkgutil", "django.utils.module_loading.")
_WORD = re.compile(rb"[^\W\d]\w*")
_PART = re.compile(rb"\.([^\W\d]\w*)\b(?!\()")
# Larger files are what a program has written, or a dump: they name no function.
MOST_BYTES = 200_000
_LOADS = re.compile(rb"{%-?\s*load\s([^%]*)%}")


class _Said:
    """What places say, by the word: thousands are asked for of a large project."""

    def __init__(self, places: Iterable[tuple[Key, str]]) -> None:
        """Take each place with its words, between spaces."""
        self._by_word: defaultdict[str, list[Key]] = defaultdict(list)
        for key, words in places:
            for word in words.split():
                self._by_word[word].append(key)

    def saying(self, word: str) -> Sequence[Key]:
        """Return the places that say a word."""
        return self._by_word.get(word, ())


class Sayers:
    """The names that a project's code and its other files say."""

    def __init__(self, code: Codebase, root: Path) -> None:
        """Take the code, and the folder it lies in."""
        self._code = code
        self._root = root

    @cached_property
    def _all(self) -> _Said:
        return _Said(
            ((source.path, place), words)
            for source in self._code
            for place, words in source.said.items()
        )

    @cached_property
    def _asking(self) -> _Said:
        """What is said where something is asked for by a name."""
        asking = self._all.saying("getattr")
        return _Said((key, self._code.by_path[key[0]].said[key[1]]) for key in asking)

    def of(self, source: Summary, name: str) -> Iterator[Key]:
        """Yield the places that name a function or a class that stands at the top of a file."""
        yield from self._all.saying(f":{name}")
        importers = self._importers(name, source)
        # Of a module, of a package that has the name from there, or of what a text imports.
        having = {source.path, *(path for path in importers if path.endswith("__init__.py"))}
        near = having.union(*(self._code.importers.get(path, ()) for path in having))
        yield from (key for key in self._composing(name) if key[0] in near)
        loaded = source.path not in self._code.importers
        near |= self.importing_by_name
        yield from (key for key in self._all.saying(f".{name}") if loaded or key[0] in near)
        bare = self._all.saying(name)
        for key in bare:
            if key[0] == source.path or key[0] in importers:
                yield key
        # Who imports it and never says it may hand it on; of a package, those say it who take it.
        told = {path for path, _ in bare}
        yield from ((p, "") for p in importers - told if not p.endswith("__init__.py"))

    def of_task(self, source: Summary, name: str, given: str) -> Iterator[Key]:
        """Yield the places that name a task, by its function or by the name it was given."""
        yield from self.of(source, name)
        if given and given != name:
            yield from self._all.saying(f":{given}")

    def of_method(self, name: str) -> Iterator[Key]:
        """Yield the places that say a name after a dot, in a text, or put it together."""
        yield from self._all.saying(f".{name}")
        yield from self._all.saying(f":{name}")
        yield from self._composing(name)

    def _composing(self, name: str) -> Iterator[Key]:
        """Yield the places that may put a name together: ``getattr(self, f"sync_{kind}")``."""
        cuts = [at for at, letter in enumerate(name) if letter == "_" and 1 < at < len(name) - 2]
        for part in (part for at in cuts for part in (name[: at + 1], name[at:])):
            yield from self._asking.saying(f":{part}")

    def is_in_texts(self, name: str) -> bool:
        """Whether a file that is no Python says a name.

        A word without an underscore is one in a template only after a dot and without a call: a
        browser's ``fetch()`` is not the project's.
        """
        word = name.encode()
        data, prose, parts = self._words
        return word in data or word in (prose if "_" in name.strip("_") else parts)

    def is_in_templates(self, library: str) -> bool:
        """Whether a template loads a library of tags; it may, if the templates lie elsewhere."""
        if not any(map(_is_template, self._code.listed)):
            return True
        return library in self._loaded

    def _importers(self, name: str, source: Summary) -> set[str]:
        """Return the files that import a name of another file, as that one or through a package."""
        found = set()
        for path, dotted in self._imports.get(name, []):
            located = self._code.locate(dotted)
            # Of several files that a name may mean, each is meant.
            may_be = f".{source.module}.{name}".endswith(f".{dotted}") if not located else False
            if may_be or (located is not None and located[0] is source):
                found.add(path)
        # A module that hands all of itself on hands on what it has from elsewhere, too.
        pending = {source.path, *found}
        while pending:
            pending = set().union(*(self._stars.get(path, ()) for path in pending)) - found
            found |= pending
        return found

    @cached_property
    def importing_by_name(self) -> frozenset[str]:
        """The files that may import any module, by a name that they put together."""
        return frozenset(
            source.path for source in self._code if any(map(_imports_by_name, source.imported))
        )

    @cached_property
    def _stars(self) -> dict[str, set[str]]:
        """The files that import all of a module of the project, by the path of the module."""
        found: dict[str, set[str]] = {}
        for path, dotted in self._imports.get("*", ()):
            module = self._code.by_module.get(dotted[:-2])
            if module is not None:
                found.setdefault(module.path, set()).add(path)
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
    def _loaded(self) -> frozenset[str]:
        """The libraries of tags that a template loads, be it one that is written in the code."""
        listed = self._code.listed
        paths = {path for path in listed if _is_template(path) or _is_prose(path) or _is_data(path)}
        paths.update(files.own([*listed]), self._below_templates())
        contents = (files.content(self._root, path) for path in paths)
        loads = (words for content in contents for words in _LOADS.findall(content))
        names = (name for words in loads for name in words.decode(errors="replace").split())
        return frozenset(name.rpartition(".")[2] for name in names)

    def _below_templates(self) -> Iterator[str]:
        """Yield what lies in folders of templates, whatever those in them are called."""
        parts = (path.partition("templates/") for path in self._code.listed)
        for folder in {before + name for before, name, _ in parts if name}:
            for path in (self._root / folder).rglob("*"):
                yield path.relative_to(self._root).as_posix()

    @cached_property
    def _words(self) -> tuple[frozenset[bytes], ...]:
        """The words of what is data or starts programs; those of prose, and those after a dot."""
        # Most projects are never asked.
        data, prose = self._joined(_is_data), self._joined(_is_prose)
        found = (_WORD.findall(data), _WORD.findall(prose), _PART.findall(prose))
        return tuple(map(frozenset, found))

    def _joined(self, wanted: Callable[[str], bool]) -> bytes:
        contents = (files.content(self._root, p) for p in self._code.listed if wanted(p))
        return b"\n".join(content for content in contents if len(content) <= MOST_BYTES)


def _imports_by_name(dotted: str) -> bool:
    return dotted.startswith(_IMPORTERS)


def _is_template(path: str) -> bool:
    return path.endswith((".html", ".htm")) or "templates/" in path


def _is_prose(path: str) -> bool:
    return path.endswith(_PROSE)


def _is_data(path: str) -> bool:
    """Whether a file is data, or starts programs, as one without a suffix often does."""
    return path.endswith(_DATA) or "." not in path.rpartition("/")[2]
