"""The summaries of all files by name: what a dotted name means, and what a call leads to."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import Concatenate, ParamSpec, Self, TypeVar, cast

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.code.loading.kept import Kept
from django_scaleready.checks.code.root_package import ROOT, root_package
from django_scaleready.checks.code.summary import Class, Fact, Function, Summary, Term

# Deep enough for ready() -> refresh_all() -> Client.fetch() -> self._get(); a longer way says
# little about what the caller means to do.
DEPTH = 5
T = TypeVar("T")
P = ParamSpec("P")
Found = tuple[Summary, str, Function]


class Definitions:
    """All the files of a project that a replica may run, and what they define."""

    def __init__(
        self, summaries: Sequence[Summary], listed: Sequence[str] = (), kept: Kept | None = None
    ) -> None:
        """Take the summaries, in the order of their paths, and the paths of files of any kind.

        ``kept`` is what was made of others than Python in an earlier run.
        """
        self.listed = listed
        self.kept = kept or Kept()
        self._made: dict[tuple[object, ...], object] = {}
        self._located: dict[str, tuple[Summary, str] | None] = {}
        self._functions: dict[str, Found | None] = {}
        # By path and the name that is imported: from which modules.
        self._imports: dict[str, dict[str, list[str]]] = {}
        self._reached: dict[str, tuple[Found, ...]] = {}
        self._ancestors: dict[str, tuple[str, ...]] = {}
        self.files = [summary for summary in summaries if not summary.problem]
        self.unknown = [
            Unknown(str(Location(s.path, s.line)), why)
            for s in summaries
            for why in ([s.problem] if s.problem else s.undecided)
        ]

    def __iter__(self) -> Iterator[Summary]:
        """Iterate over the files that could be read."""
        return iter(self.files)

    def once(self, make: Callable[Concatenate[Self, P], T], *args: P.args, **more: P.kwargs) -> T:
        """Return what is made of the code, made once: it is judged for each settings module."""
        key = (make, *args, *more.values())
        if key not in self._made:
            self._made[key] = make(self, *args, **more)
        return cast("T", self._made[key])

    def facts(self, slug: str) -> Sequence[tuple[Summary, Fact]]:
        """Return what a rule's collector noted, file by file."""
        return self._facts.get(slug, ())

    @cached_property
    def _facts(self) -> dict[str, list[tuple[Summary, Fact]]]:
        found: dict[str, list[tuple[Summary, Fact]]] = {}
        for summary in self.files:
            for slug, facts in summary.facts.items():
                found.setdefault(slug, []).extend((summary, fact) for fact in facts)
        return found

    @cached_property
    def by_path(self) -> dict[str, Summary]:
        """The files by path."""
        return {summary.path: summary for summary in self.files}

    @cached_property
    def by_module(self) -> dict[str, Summary]:
        """The files by dotted name, and by each shorter one that is still unambiguous.

        A project's root need not be on the import path: ``src/shop/feeds.py`` is imported as
        ``shop.feeds``. But ``import statistics`` is Python's, whatever lies in ``shop``. The root
        may be a package as well: see ``root_package``.
        """
        found: dict[str, Summary | None] = {}
        for summary in self.files:
            parts = summary.module.split(".")
            for start in range(len(parts)):
                name = ".".join(parts[start:])
                if not start or name not in sys.stdlib_module_names:
                    found[name] = None if name in found and start else summary
        # Whatever else ends so: ``asset/views.py`` beside ``api/asset/views.py``.
        whole = {summary.module: summary for summary in self.files}
        found.update(whole)
        if root := root_package(whole, self.importing):
            found.update((f"{root}.{name}", file) for name, file in whole.items())
            found[root] = whole[ROOT]
        return {name: summary for name, summary in found.items() if summary}

    @cached_property
    def packages(self) -> frozenset[str]:
        """The first parts of the names under which the project imports its own code."""
        return frozenset(name.partition(".")[0] for name in self.by_module)

    def locate(self, dotted: str) -> tuple[Summary, str] | None:
        """Return the file a dotted name lies in, and the name in it."""
        if dotted not in self._located:
            self._located[dotted] = self._locate(dotted)
        return self._located[dotted]

    def _locate(self, dotted: str) -> tuple[Summary, str] | None:
        if dotted.partition(".")[0] not in self.packages:
            return None
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            if summary := self.by_module.get(".".join(parts[:cut])):
                return self._origin(summary, parts[cut]) or summary, ".".join(parts[cut:])
        return None

    def _origin(self, summary: Summary, name: str) -> Summary | None:
        """Return the file that defines what another one may only hand on; None if none does.

        ``storages/__init__.py`` imports its classes from where they are written, mostly. What it
        renames is not followed.
        """
        seen: set[str] = set()
        pending = [(summary, 0)]
        while pending:
            one, depth = pending.pop(0)
            if one.path in seen:
                continue
            seen.add(one.path)
            if name in one.classes or name in one.functions or name in one.values:
                return one
            if depth < DEPTH:
                modules = (self.by_module.get(module) for module in self._sources(one, name))
                pending += [(found, depth + 1) for found in modules if found]
        return None

    def _sources(self, summary: Summary, name: str) -> list[str]:
        """Return the modules that a file imports a name from, else all of, in a lasting order."""
        if summary.path not in self._imports:
            found: dict[str, list[str]] = {}
            for dotted in summary.imported:
                module, _, last = dotted.rpartition(".")
                found.setdefault(last, []).append(module)
            self._imports[summary.path] = found
        by_name = self._imports[summary.path]
        return sorted(by_name.get(name) or by_name.get("*") or ())

    def imported(self, dotted: str) -> Summary | None:
        """Return the file that an import of a name loads: the module, or the one that has it."""
        return self.by_module.get(dotted) or self.by_module.get(dotted.rpartition(".")[0])

    @cached_property
    def importers(self) -> dict[str, set[str]]:
        """The paths of those that import a file, by its path; no entry for one that nobody does."""
        found = {path: {*by} for path, by in self._always.items()}
        under_debug = self._importing(lambda summary: summary.under_debug)
        for path, by in self._loading(under_debug).items():
            found.setdefault(path, set()).update(by)
        return found

    def is_debug_only(self, summary: Summary) -> bool:
        """Whether a file is imported under DEBUG, and nowhere else."""
        return summary.path in self.importers and summary.path not in self._always

    @cached_property
    def importing(self) -> dict[str, list[str]]:
        """The paths of those that import something, by its dotted name."""
        return self._importing(lambda summary: summary.imported)

    @cached_property
    def imported_as(self) -> dict[str, list[str]]:
        """What is imported, by the last part of its name."""
        found: dict[str, list[str]] = {}
        for dotted in self.importing:
            found.setdefault(dotted.rpartition(".")[2], []).append(dotted)
        return found

    @cached_property
    def _always(self) -> dict[str, set[str]]:
        return self._loading(self.importing)

    def _importing(self, names: Callable[[Summary], Iterable[str]]) -> dict[str, list[str]]:
        found: defaultdict[str, list[str]] = defaultdict(list)
        for summary in self.files:
            path = summary.path
            for dotted in names(summary):
                found[dotted].append(path)
        return dict(found)

    def _loading(self, importing: dict[str, list[str]]) -> dict[str, set[str]]:
        """Return the paths of those that import a file, by its path."""
        found: dict[str, set[str]] = {}
        for dotted, paths in importing.items():
            if target := self.imported(dotted):
                by = {*paths} - {target.path}
                if by:
                    found.setdefault(target.path, set()).update(by)
        return found

    def function(self, dotted: str) -> Found | None:
        """Return the project's function of that dotted name; for a class its ``__init__``."""
        if dotted not in self._functions:
            self._functions[dotted] = self._function(dotted)
        return self._functions[dotted]

    def _function(self, dotted: str) -> Found | None:
        located = self.locate(dotted)
        if located is None:
            return None
        summary, name = located
        for candidate in (name, f"{name}.__init__"):
            if candidate in summary.functions:
                return summary, candidate, summary.functions[candidate]
        owner, _, method = name.rpartition(".")
        return self._inherited(summary, owner, method) if owner else None

    def _inherited(self, summary: Summary, owner: str, method: str, depth: int = 0) -> Found | None:
        found = summary.classes.get(owner)
        for base in found.bases if found and depth < DEPTH else ():
            located = self.locate(base) or ((summary, base) if base in summary.classes else None)
            if located is None:
                continue
            other, name = located
            if (candidate := f"{name}.{method}") in other.functions:
                return other, candidate, other.functions[candidate]
            if higher := self._inherited(other, name, method, depth + 1):
                return higher
        return None

    @cached_property
    def methods(self) -> dict[str, list[Function]]:
        """The methods of all classes by name."""
        found: dict[str, list[Function]] = {}
        for summary in self.files:
            for name, function in summary.functions.items():
                owner, dot, method = name.rpartition(".")
                if dot and owner in summary.classes:
                    found.setdefault(method, []).append(function)
        return found

    @cached_property
    def constants(self) -> dict[str, list[Term]]:
        """Where the attributes of classes lead that are constants or settings, by name."""
        found: dict[str, list[Term]] = {}
        for summary in self.files:
            for name, term in summary.values.items():
                _, dot, attribute = name.rpartition(".")
                if dot and (attribute.isupper() or term[0] == "setting"):
                    found.setdefault(attribute, []).append(term)
        return found

    def klass(self, dotted: str) -> tuple[Summary, Class] | None:
        """Return the project's class of that dotted name."""
        located = self.locate(dotted)
        if located is None or located[1] not in located[0].classes:
            return None
        return located[0], located[0].classes[located[1]]

    def ancestors(self, dotted: str) -> tuple[str, ...]:
        """Return a class's dotted name and those of what it derives from, the near ones first."""
        if dotted not in self._ancestors:
            self._ancestors[dotted] = tuple(self._above(dotted, 0))
        return self._ancestors[dotted]

    def _above(self, dotted: str, depth: int) -> Iterator[str]:
        yield dotted
        found = self.klass(dotted)
        for base in found[1].bases if found and depth < DEPTH else ():
            own = found is not None and base in found[0].classes
            name = f"{found[0].module}.{base}" if own and found else base
            yield from self._above(name, depth + 1)

    def reached(self, dotted: str) -> tuple[Found, ...]:
        """Return the project's functions that a call leads to, its own first, a few steps deep."""
        if dotted not in self._reached:
            self._reached[dotted] = tuple(self._reach(dotted))
        return self._reached[dotted]

    def _reach(self, dotted: str) -> Iterator[Found]:
        seen: set[tuple[str, str]] = set()
        pending = [(dotted, 0)]
        while pending:
            name, depth = pending.pop(0)
            found = self.function(name)
            if found is None or (found[0].path, found[1]) in seen:
                continue
            seen.add((found[0].path, found[1]))
            yield found
            if depth < DEPTH:
                calls = (call for call in found[2].calls if not call.deferred)
                pending += [(call.callee, depth + 1) for call in calls]
