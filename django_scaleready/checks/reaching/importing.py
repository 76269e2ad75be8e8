"""Which files import a name of another file, and which ones any that they choose as they run."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from typing import NamedTuple

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.summary import Summary

# What imports a file by a name that is put together.
_IMPORTERS = ("importlib", "pkgutil", "django.utils.module_loading.")
_IMPORT = frozenset({"importlib", "importlib.import_module"})
_IMPORTING = frozenset({"import_module", ".import_module"})
_TAKEN_APART = frozenset({".rpartition", ".rsplit"})


class Imported(NamedTuple):
    """Who imports a name of a file.

    ``files``: as that one, or through a package. ``near``: the module, those from which others have
    the name, and who imports them. ``bare``: the places in these files that say the name by itself.
    ``silent``: the files that import it and do not.
    """

    files: Set[str]
    near: Set[str]
    bare: list[Key]
    silent: list[str]


class Importing:
    """The files of a project that import names, each found once for all settings."""

    def __init__(self, code: Codebase) -> None:
        """Take the code."""
        self._code = code
        self._found: dict[tuple[str, str], Imported] = {}

    def of(self, source: Summary, name: str) -> Imported:
        """Return who imports what stands at the top of a file."""
        key = (source.path, name)
        if key not in self._found:
            self._found[key] = self._find(source, name)
        return self._found[key]

    def _find(self, source: Summary, name: str) -> Imported:
        files = self._importers(name, source)
        handing = self._handing_on(name, files)
        # Of a module, of a file that hands the name on from there, or of what a text imports.
        having = {source.path, *handing}
        near = having.union(*(self._code.importers.get(path, ()) for path in having))
        bare = self._bare(name, {source.path, *files})
        return Imported(files, near, bare, sorted(files - handing - {path for path, _ in bare}))

    def _bare(self, name: str, paths: Set[str]) -> list[Key]:
        return [
            (path, place)
            for path in sorted(paths)
            for place, words in self._code.by_path[path].said.items()
            if name in words and name in words.split()
        ]

    def _handing_on(self, name: str, importers: Set[str]) -> set[str]:
        """Return the files from which others import a name that these have from elsewhere."""
        origins = (dotted.rpartition(".")[0] for dotted in self._code.imported_as.get(name, ()))
        modules = filter(None, map(self._code.by_module.get, origins))
        found = {path for path in importers if path.endswith("__init__.py")}
        return found | {module.path for module in modules if module.path in importers}

    def _importers(self, name: str, source: Summary) -> set[str]:
        """Return the files that import a name of another file, as that one or through a package."""
        found = set()
        for dotted in self._code.imported_as.get(name, ()):
            located = self._code.locate(dotted)
            # Of several files that a name may mean, each is meant.
            may_be = f".{source.module}.{name}".endswith(f".{dotted}") if not located else False
            if may_be or (located is not None and located[0] is source):
                found.update(self._code.importing[dotted])
        # A module that hands all of itself on hands on what it has from elsewhere, too.
        pending = {source.path, *found}
        while pending:
            pending = set().union(*(self._stars.get(path, ()) for path in pending)) - found
            found |= pending
        return found

    def perhaps(self, source: Summary) -> Iterator[str]:
        """Yield the files that may import one if its folder, or one above it, is on the path."""
        parts = source.module.split(".")
        for at in range(len(parts)):
            yield from self._unfound.get(".".join(parts[at:]), ())

    @cached_property
    def _unfound(self) -> Mapping[str, Set[str]]:
        """The files that import modules which are not found here, by what may be one's name."""
        found: dict[str, set[str]] = {}
        by_module = self._code.by_module
        for dotted, paths in self._code.importing.items():
            around = dotted.rpartition(".")[0]
            known = dotted in by_module or around in by_module
            if not known and dotted.partition(".")[0] not in sys.stdlib_module_names:
                for name in (dotted, around):
                    found.setdefault(name, set()).update(paths)
        return found

    @cached_property
    def by_name(self) -> frozenset[str]:
        """The files that may import any module, by a name that they put together."""
        return frozenset(
            path
            for dotted, paths in self._code.importing.items()
            if dotted.startswith(_IMPORTERS)
            for path in paths
        )

    @cached_property
    def composing(self) -> frozenset[str]:
        """Those of them that may put together the name of any file in a folder.

        Who takes a name apart has been given all of it: ``path.rsplit(".", 1)``.
        """
        return frozenset(filter(self._composes, self.by_name))

    def _composes(self, path: str) -> bool:
        source = self._code.by_path[path]
        if any(name.startswith(_IMPORTERS) and name not in _IMPORT for name in source.imported):
            return True
        said = (frozenset(words.split()) for words in source.said.values())
        return any(
            words.isdisjoint(_TAKEN_APART) for words in said if not words.isdisjoint(_IMPORTING)
        )

    @cached_property
    def _stars(self) -> dict[str, set[str]]:
        """The files that import all of a module of the project, by the path of the module."""
        found: dict[str, set[str]] = {}
        for dotted in self._code.imported_as.get("*", ()):
            module = self._code.by_module.get(dotted[:-2])
            if module is not None:
                found.setdefault(module.path, set()).update(self._code.importing[dotted])
        return found
