"""The summaries of all files, joined: what a dotted name means, and who calls whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property

from django_scaleready.checks.base import Location, Unknown
from django_scaleready.checks.code.analyse import MAIN
from django_scaleready.checks.code.module import LOADED, SCRIPT_FOLDERS
from django_scaleready.checks.code.summary import Call, Class, Fact, Function, Moment, Summary

# Deep enough for ready() -> refresh_all() -> Client.fetch() -> self._get(); a longer way says
# little about what the caller means to do.
DEPTH = 5
Found = tuple[Summary, str, Function]
# A function: the path of its file, and its qualified name.
Key = tuple[str, str]


class Codebase:
    """All the files of a project that a replica may run."""

    def __init__(self, summaries: Sequence[Summary]) -> None:
        """Take the summaries, in the order of their paths."""
        self.files = [summary for summary in summaries if not summary.problem]
        self.unknown = [
            Unknown(str(Location(s.path, s.line)), why)
            for s in summaries
            for why in ([s.problem] if s.problem else s.undecided)
        ]

    def __iter__(self) -> Iterator[Summary]:
        """Iterate over the files that could be read."""
        return iter(self.files)

    def facts(self, slug: str) -> Iterator[tuple[Summary, Fact]]:
        """Yield what a rule's collector noted, file by file."""
        for summary in self.files:
            for fact in summary.facts.get(slug, ()):
                yield summary, fact

    @cached_property
    def by_module(self) -> dict[str, Summary]:
        """The files by dotted name, and by each shorter one that is still unambiguous.

        A project's root need not be on the import path: ``src/shop/feeds.py`` is imported as
        ``shop.feeds``.
        """
        found: dict[str, Summary | None] = {}
        for summary in self.files:
            parts = summary.module.split(".")
            for start in range(len(parts)):
                name = ".".join(parts[start:])
                found[name] = None if name in found and start else summary
        return {name: summary for name, summary in found.items() if summary}

    @cached_property
    def packages(self) -> frozenset[str]:
        """The first parts of the names under which the project imports its own code."""
        return frozenset(name.partition(".")[0] for name in self.by_module)

    def locate(self, dotted: str) -> tuple[Summary, str] | None:
        """Return the file a dotted name lies in, and the name in it."""
        return self._located(dotted)

    @cached_property
    def _located(self) -> Callable[[str], tuple[Summary, str] | None]:
        known: dict[str, tuple[Summary, str] | None] = {}

        def locate(dotted: str) -> tuple[Summary, str] | None:
            if dotted not in known:
                known[dotted] = self._locate(dotted)
            return known[dotted]

        return locate

    def _locate(self, dotted: str) -> tuple[Summary, str] | None:
        if dotted.partition(".")[0] not in self.packages:
            return None
        parts = dotted.split(".")
        for cut in range(len(parts) - 1, 0, -1):
            if summary := self.by_module.get(".".join(parts[:cut])):
                return summary, ".".join(parts[cut:])
        return None

    def function(self, dotted: str) -> Found | None:
        """Return the project's function of that dotted name; for a class its ``__init__``."""
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

    def klass(self, dotted: str) -> tuple[Summary, Class] | None:
        """Return the project's class of that dotted name."""
        located = self.locate(dotted)
        if located is None or located[1] not in located[0].classes:
            return None
        return located[0], located[0].classes[located[1]]

    def ancestors(self, dotted: str, depth: int = 0) -> Iterator[str]:
        """Yield a class's dotted name and those of what it derives from, the near ones first."""
        yield dotted
        found = self.klass(dotted)
        for base in found[1].bases if found and depth < DEPTH else ():
            own = found is not None and base in found[0].classes
            name = f"{found[0].module}.{base}" if own and found else base
            yield from self.ancestors(name, depth + 1)

    def reached(self, dotted: str) -> Iterator[Found]:
        """Yield the project's functions that a call leads to, its own first, a few steps deep."""
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
                pending += [(call.callee, depth + 1) for call in found[2].calls]

    # Who calls whom.

    @cached_property
    def calls_of(self) -> dict[Key, list[tuple[str, str, int, int]]]:
        """The calls of each function: path, calling function, line, whether with a timeout."""
        found: dict[Key, list[tuple[str, str, int, int]]] = {}
        for summary in self.files:
            for name, function in summary.functions.items():
                for call in function.calls:
                    if target := self.function(call.callee):
                        key = (target[0].path, target[1])
                        given = _timeout(call, target[2])
                        found.setdefault(key, []).append((summary.path, name, call.line, given))
        return found

    def callers(self, key: Key) -> set[Key]:
        """Return the functions that call one."""
        return {(path, name) for path, name, *_ in self.calls_of.get(key, ())}

    @cached_property
    def by_path(self) -> dict[str, Summary]:
        """The files by path."""
        return {summary.path: summary for summary in self.files}

    def moments(self, summary: Summary, name: str) -> frozenset[Moment]:
        """Return when a function runs: by its own looks, or when those that call it do.

        A function that only commands call belongs to them. One that is mentioned anywhere else
        may be called from there.
        """
        if self.is_debug_only(summary):
            return frozenset({Moment.COMMAND})
        found: set[Moment] = set()
        seen: set[tuple[str, str]] = set()
        pending = [(summary.path, name)]
        while pending:
            key = pending.pop()
            if key in seen:
                continue
            seen.add(key)
            own = self.by_path[key[0]].functions.get(key[1])
            if own is None:
                found.add(Moment.REQUEST)
                continue
            if not key[1] and self.is_program(self.by_path[key[0]]):
                found.add(Moment.COMMAND)
                continue
            if own.moment is Moment.REQUEST and key[0] in self._programs:
                found.add(Moment.COMMAND)
                continue
            callers = self.callers(key)
            if own.moment is not Moment.REQUEST or own.decorated or not callers:
                found.add(own.moment)
            elif self._is_open(*key):
                found.add(Moment.REQUEST)
            pending += callers if own.moment in _CALLED else ()
        return frozenset(found)

    @cached_property
    def _programs(self) -> frozenset[str]:
        """The files that somebody runs by hand, or elsewhere, and that no other imports.

        They have a main block, or lie in a folder of a package that is no package itself.
        """
        imported = set().union(*self._imported)
        found = {s.path for s in self.files if MAIN in s.functions or self._is_loose(s.path)}
        return frozenset(found - imported)

    def _is_loose(self, path: str) -> bool:
        folder, _, name = path.rpartition("/")
        above, _, last = folder.rpartition("/")
        inside = (
            f"{folder}/__init__.py" not in self.by_path and f"{above}/__init__.py" in self.by_path
        )
        return inside and not (LOADED.search(name) or LOADED.search(last) or last in _DISCOVERED)

    def _is_open(self, path: str, name: str) -> bool:
        """Whether a function may be called by code that does not name it in a call."""
        method = name.rpartition(".")[2]
        mentions = self._mentions.get(method, set())
        known = {caller for caller, _ in self.callers((path, name))} | {path}
        return bool(mentions - known)

    @cached_property
    def _mentions(self) -> dict[str, set[str]]:
        """The files that mention a name after a dot, or import it."""
        found: dict[str, set[str]] = {}
        for summary in self.files:
            if summary.is_script:
                continue
            for name in summary.mentions:
                found.setdefault(name, set()).add(summary.path)
            for dotted in summary.imported:
                found.setdefault(dotted.rpartition(".")[2], set()).add(summary.path)
        return found

    def is_debug_only(self, summary: Summary) -> bool:
        """Whether a file is imported under DEBUG, and nowhere else."""
        under_debug, always = self._imported
        return summary.path in under_debug - always

    def is_program(self, summary: Summary) -> bool:
        """Whether a file does its work when it is run, for nothing loads it.

        It lies beside manage.py, or in a folder of scripts that is no package.
        """
        folder, _, name = summary.path.rpartition("/")
        scripts = not SCRIPT_FOLDERS.isdisjoint(folder.split("/"))
        scripts = scripts and f"{folder}/__init__.py" not in self.by_path
        loaded = LOADED.search(name) or any(summary.path in paths for paths in self._imported)
        return (scripts or folder in self._tops) and not loaded

    @cached_property
    def _tops(self) -> frozenset[str]:
        """The folders of manage.py, and the root."""
        found = [s.path.rpartition("/") for s in self.files]
        return frozenset(["", *(folder for folder, _, name in found if name == "manage.py")])

    @cached_property
    def _imported(self) -> tuple[set[str], set[str]]:
        """The files that are imported under DEBUG, and those that are otherwise."""
        found: tuple[set[str], set[str]] = (set(), set())
        for summary in self.files:
            for names, paths in zip((summary.under_debug, summary.imported), found, strict=True):
                for dotted in names:
                    parent = dotted.rpartition(".")[0]
                    target = self.by_module.get(dotted) or self.by_module.get(parent)
                    if target is not None:
                        paths.add(target.path)
        return found

    def is_operators(self, summary: Summary, fact: Fact) -> bool:
        """Whether only an operator's command, or nothing at all, comes to the place of a fact."""
        return self.moments(summary, fact.function) == {Moment.COMMAND}


def _timeout(call: Call, target: Function) -> int:
    """Return whether a call gives a timeout, by name or by position."""
    if "timeout" in target.parameters:
        bound = target.parameters[0] in {"self", "cls"}
        if call.positional > target.parameters.index("timeout") - bound:
            return 1
    return call.timeout


_CALLED = frozenset({Moment.REQUEST, Moment.SIGNAL})
# Folders that are looked through, whether they are packages or not.
_DISCOVERED = frozenset({"commands", "migrations", "templatetags"})
