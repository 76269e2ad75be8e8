"""The parts of the code that do not run with one project's settings, and what they say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Set
from functools import cached_property
from typing import Protocol

from django_scaleready.checks.code.codebase import Codebase, Key
from django_scaleready.checks.code.running.by_hand import LOADED
from django_scaleready.checks.code.running.flagged import NOTED as FLAGGED
from django_scaleready.checks.code.running.guards import SWITCHES
from django_scaleready.checks.code.running.switched_ways import CLASSES, IMPORTS, WORDS
from django_scaleready.checks.code.running.switches import NOTED
from django_scaleready.checks.reaching.uninstalled import LeftOut

# As a place: what is said below a setting that is off, whose name follows.
BELOW = "<off> "
# As a setting: that an app is installed, whose name follows.
INSTALLED = "INSTALLED_APPS."
# Or a middleware.
LISTED = "MIDDLEWARE."


class Switchboard(Protocol):
    """What tells of a setting whether it is off."""

    def is_off(self, name: str, unset: bool, module: str = "") -> bool:
        """Whether a setting is False, or none at all where code asks for one that may be unset."""

    def is_variable(self, name: str) -> bool:
        """Whether all that could have it on is a variable that no deployment gives."""

    def is_never_true(self, attribute: str) -> bool:
        """Whether the code gives objects an attribute, and never one that is true."""

    @property
    def left_out(self) -> LeftOut:
        """The apps and the middleware that these settings do not take."""


class Off:
    """What is below a setting that is off."""

    def __init__(self, code: Codebase, project: Switchboard, lasting: Set[str]) -> None:
        """Take the code, what tells of a setting whether it is off, and the started programs.

        What one of these begins, as a scheduler does, somebody wants who starts it.
        """
        self._code = code
        self._project = project
        # By path, the app; "" for a file that is needed without it.
        self.left_out = {
            path: app and f"{INSTALLED}{app}" for path, app in project.left_out.files.items()
        }
        self._lines: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for source, fact in code.facts(NOTED):
            name, unset, last, module = fact.data
            if name in SWITCHES or project.is_off(name, unset, module):
                self._lines[source.path].append((fact.line, last, name))
        # What is asked about these takes long, and is asked of a line that is below one.
        self._flags: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        for source, fact in code.facts(FLAGGED):
            name, last = fact.data
            self._flags[source.path].append((fact.line, last, name))
        self.said: dict[Key, dict[str, str]] = defaultdict(dict)
        for key, name, words in self._off(WORDS):
            if key[0] not in lasting and project.is_variable(name):
                self.said[key].update(dict.fromkeys(words.split(), f"{BELOW}{name}"))
        self._classes = {key: name for key, name, _ in self._off(CLASSES)}
        unlisted = project.left_out.classes.items()
        self._classes.update({key: f"{LISTED}{name}" for key, name in unlisted})
        self._families: dict[Key, str] = {}

    def _off(self, slug: str) -> Iterator[tuple[Key, str, str]]:
        for source, fact in self._code.facts(slug):
            name, unset, module, *rest = fact.data
            if self._project.is_off(name, unset, module):
                yield (source.path, fact.function), name, "".join(rest)

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self._lines or self._flags or self._classes or any(self.left_out.values()))

    @property
    def leads(self) -> bool:
        """Whether anything of it may lead elsewhere."""
        return bool(self.said or self._classes or self.files)

    def at(self, path: str, line: int) -> str:
        """Return the setting that a line is below, "" for none."""
        for first, last, name in self._lines.get(path, ()):
            if first <= line <= last:
                return name
        for first, last, name in self._flags.get(path, ()):
            if first <= line <= last and self._project.is_never_true(name):
                return name
        return self.left_out.get(path, "")

    def of_class(self, path: str, place: str) -> str:
        """Return the setting without which a view answers nobody, of one of its methods."""
        source = self._code.by_path[path]
        owner = place.partition(".")[0]
        if not self._classes or owner not in source.classes:
            return ""
        switch = self._of_family(path, owner)
        return switch if switch and not self._is_called_from_elsewhere(path, place, owner) else ""

    def _of_family(self, path: str, owner: str) -> str:
        key = (path, owner)
        if key not in self._families:
            source = self._code.by_path[path]
            family = map(self._code.locate, self._code.ancestors(f"{source.module}.{owner}"))
            keys = ((found[0].path, found[1]) for found in family if found)
            switches = (self._classes[each] for each in keys if each in self._classes)
            self._families[key] = next(switches, "")
        return self._families[key]

    def _is_called_from_elsewhere(self, path: str, place: str, owner: str) -> bool:
        return any(
            at != path or not name.startswith(f"{owner}.")
            for at, name in self._code.callers((path, place))
        )

    def of(self, path: str, place: str) -> str:
        """Return the setting that keeps replicas from a function or a class, "" for none."""
        if place.startswith(BELOW):
            return place.removeprefix(BELOW)
        source = self._code.by_path[path]
        own = source.functions.get(place) or source.classes.get(place)
        below = self.at(path, own.line) if own and place else ""
        return below or self.files.get(path, "") or self.of_class(path, place)

    @cached_property
    def files(self) -> dict[str, str]:
        """The files that are not imported: URLs that are not included, and what those alone need.

        By path, the setting. So are those of apps that are not installed.
        """
        found = {**self.left_out}
        included: dict[str, list[str]] = defaultdict(list)
        for source, fact in self._code.facts("included-urls"):
            if urls := self._code.by_module.get(fact.data[0]):
                included[urls.path].append(self.at(source.path, fact.line))
        for path, switches in included.items():
            if all(switches) and path not in self._code.importers:
                found[path] = switches[0]
        size = -1 if found or self._imports else 0
        while size != len(found):
            size = len(found)
            found.update(self._needed_by(found))
        return found

    @cached_property
    def _imports(self) -> dict[tuple[str, str], str]:
        """The settings below which files import another one, by the paths of that and of them."""
        return {
            (target.path, path): name
            for (path, _), name, dotted in self._off(IMPORTS)
            if (target := self._code.imported(dotted))
        }

    def _needed_by(self, found: dict[str, str]) -> dict[str, str]:
        """Return what these files alone import, or one below such a setting.

        What something loads by its name is not among them.
        """
        more: dict[str, str] = {}
        # Of two that a file imports one name from, it keeps one alone.
        by = {path: {importer} for path, importer in self._imports}
        for path in (by | self._code.importers).keys() - found.keys():
            if _is_only_imported(path):
                all_by = sorted(by.get(path, set()) | self._code.importers.get(path, set()))
                whys = [found.get(each) or self._imports.get((path, each)) for each in all_by]
                if whys[0] and all(whys):
                    more[path] = whys[0]
        return more


def _is_only_imported(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("view") or not LOADED.search(name)
