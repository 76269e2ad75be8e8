"""What a settings module imports: a file of the project is read when one of its names is asked for.

Settings modules import apps, which import half of the project. Of all that they use a path or two.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from django_scaleready.checks.static.given.copies import copy_of
from django_scaleready.checks.static.reader import kit
from django_scaleready.checks.static.reader.assignments import Assignments
from django_scaleready.checks.static.reader.definitions import Definition, Names
from django_scaleready.checks.static.reader.holders import key
from django_scaleready.checks.static.reader.outside import of_django
from django_scaleready.checks.static.values.expressions import Call
from django_scaleready.checks.static.values.undecided import UNDECIDED, Later, Ref

# What a machine has for itself, and what a developer's has.
_OWN = re.compile(
    r"local|secret|private|custom|overr|instance|server|deploy|prod|site", re.IGNORECASE
)
_OWN_MACHINE = re.compile(r"local|(^|[._])dev", re.IGNORECASE)
Find = Callable[[str, Path], Path | None]


class Imports(Assignments):
    """Runs the statements that import."""

    def __init__(self, call: Call, read: Callable[[Path, Names], Names], find: Find) -> None:
        """Take what runs a function, what reads a file, and what finds a module's file.

        ``find`` is given a dotted name and the file that imports it.
        """
        super().__init__(call, self._settle)
        self._read = read
        self._find = find
        # Which settings a script writes to a module, asked for by whom.
        self.scripted: Callable[[str, Path], Iterable[str]] = lambda *_: ()
        self._cache: dict[Path, Names] = {}
        self._definitions: dict[Path, dict[str, list[Definition]]] = {}
        # How many ``try`` statements are around, which do without a module that is missing.
        self._guarded = 0

    def _import(self, node: ast.Import, names: Names, path: Path) -> None:
        for alias in node.names:
            bound = alias.asname or alias.name.partition(".")[0]
            dotted = alias.name if alias.asname else bound
            names[bound] = Ref(dotted, self._find(dotted, path))

    def _import_from(self, node: ast.ImportFrom, names: Names, path: Path) -> None:
        dotted = "." * node.level + (node.module or "")
        origin = self._find(dotted, path) or (None if self._guarded else copy_of(dotted, path))
        if origin == path:
            # It lies where another package's module is looked for, and is put beside that.
            origin = None
        for alias in node.names:
            if kit.is_kit(dotted):
                for name, value in kit.taken(dotted, alias).items():
                    names[name] = value
                    self._define(name, alias.lineno, None, path)
                continue
            if alias.name == "*":
                if origin is not None:
                    here, debug = names.get("__file__"), names.get("DEBUG")
                    self._read(origin, names)
                    names["__file__"] = here
                    if self._guarded and _OWN_MACHINE.search(dotted) and not debug:
                        # It need not be there, and where it is, a developer works.
                        self._leave_open(node, names)
                else:
                    self._lack(node, names, path)
                    self.settings.is_open |= self._is_installed(node, dotted, path)
                continue
            bound = alias.asname or alias.name
            names[bound] = self._imported(dotted, alias.name, origin, path)
            if bound.isupper():
                self._settle(names, bound)
                if origin in self.settings.files and bound in self.settings.definitions:
                    # It got its value there, which is a part of these settings.
                    continue
                self._defined_elsewhere(bound, alias.name, origin)
                self._define(bound, node.lineno, None, path)

    def _is_missing(self, node: ast.ImportFrom, path: Path) -> bool:
        # What another package has for everybody is not written like a setting.
        own = node.level or any(a.name == "*" or a.name.isupper() for a in node.names)
        return bool(own) and self._find("." * node.level + (node.module or ""), path) is None

    def _is_installed(self, node: ast.ImportFrom, dotted: str, path: Path) -> bool:
        """Whether a module that is not here is there wherever these settings are loaded.

        They do not load without it, or it belongs to a package. What a condition asks for is a file
        that a machine may have for itself, and so may be what is done without.
        """
        package, _, below = dotted.partition(".")
        if package == "django" or self._guarded:
            return False
        if not node.col_offset:
            return True
        of_package = package and below and package not in path.parts
        return bool(of_package) and self._find(package, path) is None

    def _lack(self, node: ast.ImportFrom, names: Names, path: Path) -> None:
        """Do without a module that is not here: what a script writes there is nobody knows what."""
        self._leave_open(node, names)
        if any(alias.name == "*" for alias in node.names):
            dotted = "." * node.level + (node.module or "")
            names.update(dict.fromkeys(self.scripted(dotted, path), UNDECIDED))

    def _leave_open(self, node: ast.ImportFrom, names: Names) -> None:
        """Leave DEBUG to a module that each machine has for itself: a deployment has it off."""
        if _OWN.search(node.module or "") and any(a.name == "*" for a in node.names):
            names.update({"DEBUG": False} if names.get("DEBUG") is True else {})

    def _imported(self, dotted: str, name: str, origin: Path | None, path: Path) -> Any:
        below = f"{dotted.rstrip('.')}.{name}" if dotted.strip(".") else dotted + name
        if module := self._find(below, path):
            return Ref(f"{dotted.lstrip('.')}.{name}".lstrip("."), module)
        return Later(origin, name) if origin else of_django(f"{dotted.lstrip('.')}.{name}")

    def _settle(self, names: Names, name: str) -> Any:
        """Return what a name holds; what it is imported from is read now, if it was not yet."""
        held = names.get(name, UNDECIDED)
        if not isinstance(held, Later):
            return held
        # Two modules that import from each other.
        names[name] = UNDECIDED
        if held.origin not in self._cache:
            self._cache[held.origin] = {}
            files, kept = list(self.settings.files), self.settings.definitions
            self.settings.definitions = self._definitions[held.origin] = {}
            try:
                self._read(held.origin, self._cache[held.origin])
            finally:
                self.settings.files[:], self.settings.definitions = files, kept
        origin = self._cache[held.origin]
        names[name] = self._settle(origin, held.name)
        if key(held.name) in origin:
            names[key(name)] = origin[key(held.name)]
        return names[name]

    def _defined_elsewhere(self, bound: str, name: str, origin: Path | None) -> None:
        found = self._definitions.get(origin, {}).get(name, ()) if origin else ()
        self.settings.definitions.setdefault(bound, []).extend(found)
