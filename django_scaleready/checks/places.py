"""Where a setting got its value: a file and a line, read from the settings modules.

Nothing is executed here. The modules that were imported say which files to read; their star
imports are followed, and the last assignment wins, as it does when Python runs them.
"""

from __future__ import annotations

import ast
import importlib.util
import re
import sys
from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.summary import Summary


@dataclass(frozen=True, slots=True)
class _Definition:
    name: str
    path: Path
    line: int
    value: ast.expr | None = None
    foreign: bool = False


def relative(path: Path, root: Path) -> str:
    """Return a path as the reports show it: relative to the root, else absolute."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.as_posix()


def place_of_class(cls: type, root: Path, code: Iterable[Summary]) -> Location:
    """Return where a class is written; its module as a whole if it is not in the code."""
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    path = Path(file).resolve() if file else None
    name = relative(path, root) if path else ""
    for source in code:
        if source.path == name and cls.__qualname__ in source.classes:
            return Location(name, source.classes[cls.__qualname__].line)
    return Location(name or cls.__module__)


class Places:
    """The definitions of one settings module, and of those it star-imports."""

    def __init__(self, module: str, root: Path) -> None:
        """Take the dotted name of the settings module, "" if they were configured by a call."""
        self._module = module
        self._root = root

    @cached_property
    def _definitions(self) -> dict[str, list[_Definition]]:
        found: dict[str, list[_Definition]] = {}
        for definition in self._collect(self._module, []):
            found.setdefault(definition.name, []).append(definition)
        return found

    def where(self, name: str, *keys: Hashable) -> Location:
        """Return the place of a setting, or of the entry under ``keys`` if it is written there.

        A setting that is assigned nowhere (a default, or set by means that cannot be read) is
        placed at the settings module as a whole: line 0.
        """
        definitions = self._definitions.get(name, [])
        for definition in reversed(definitions):
            if line := _entry(definition.value, keys):
                return Location(relative(definition.path, self._root), line)
        if definitions:
            last = definitions[-1]
            return Location(relative(last.path, self._root), last.line)
        path = _file(self._module)
        return Location(relative(path, self._root) if path else self._module or "settings")

    def is_foreign(self, name: str) -> bool:
        """Whether a setting has its value from a module that is not the project's."""
        definitions = self._definitions.get(name, [])
        return bool(definitions) and definitions[-1].foreign

    def has_entry(self, _name: str, _called: re.Pattern[str]) -> bool:
        """Whether a setting that is computed has an entry of such a name: here its value tells."""
        return False

    def written_as(self, name: str, *keys: Hashable) -> str:
        """Return the name that a setting, or the entry below ``keys``, was last given as.

        "" if its value is written out, or computed.
        """
        values = [definition.value for definition in self._definitions.get(name, [])]
        return bound_name(values, keys)

    def _collect(self, module: str, files: list[Path]) -> list[_Definition]:
        path = _file(module)
        if path is None or path in files:
            return []
        files.append(path)
        try:
            tree = ast.parse(path.read_bytes(), str(path))
        except (OSError, SyntaxError, ValueError):
            return []
        found: list[_Definition] = []
        for node in _statements(tree.body):
            if isinstance(node, ast.ImportFrom):
                found += self._imported(node, module, path, files)
            else:
                found += _assigned(node, path)
        return found

    def _imported(
        self, node: ast.ImportFrom, module: str, path: Path, files: list[Path]
    ) -> list[_Definition]:
        source = _absolute(node, module)
        found: list[_Definition] = []
        for alias in node.names:
            if alias.name != "*":
                found.append(_Definition(alias.asname or alias.name, path, node.lineno))
                continue
            origin = _file(source)
            if origin and origin.is_relative_to(self._root) and not _installed(origin):
                found += self._collect(source, files)
            else:
                # Somebody else's settings: the project can only act on its import.
                names = _exported(source)
                found += [_Definition(name, path, node.lineno, foreign=True) for name in names]
        return found


def bound_name(values: list[ast.expr | None], keys: tuple[Hashable, ...]) -> str:
    """Return the name that the last of some values has at ``keys``; "" where it has none."""
    for value in reversed(values):
        held = value
        for key in keys:
            pairs = zip(held.keys, held.values, strict=True) if isinstance(held, ast.Dict) else ()
            found = [v for k, v in pairs if isinstance(k, ast.Constant) and k.value == key]
            held = found[-1] if found else None
        if held is not None or not keys:
            return held.id if isinstance(held, ast.Name) else ""
    return ""


def _installed(path: Path) -> bool:
    return "site-packages" in path.parts or "dist-packages" in path.parts


def _exported(module: str) -> list[str]:
    loaded = sys.modules.get(module)
    names = getattr(loaded, "__all__", None) or vars(loaded or object).keys()
    return [name for name in names if name.isupper()]


def _file(module: str) -> Path | None:
    loaded = sys.modules.get(module)
    file = getattr(loaded, "__file__", None)
    if file is None and module:
        try:
            spec = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
        file = spec.origin if spec and spec.has_location else None
    return Path(file).resolve() if file else None


def _absolute(node: ast.ImportFrom, module: str) -> str:
    if not node.level:
        return node.module or ""
    path = _file(module)
    package = module if path and path.name == "__init__.py" else module.rpartition(".")[0]
    try:
        return importlib.util.resolve_name("." * node.level + (node.module or ""), package)
    except ImportError:
        return ""


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that run at import, in order; all branches, for none is known."""
    for node in body:
        yield node
        # A class is read too: class-based settings are class attributes.
        if isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.ClassDef):
            yield from _statements(node.body)
            yield from _statements(getattr(node, "orelse", []))
            for handler in getattr(node, "handlers", []):
                yield from _statements(handler.body)
            yield from _statements(getattr(node, "finalbody", []))


def _assigned(node: ast.stmt, path: Path) -> Iterator[_Definition]:
    value: ast.expr | None = None
    if isinstance(node, ast.Assign):
        targets, value = node.targets, node.value
    elif isinstance(node, ast.AnnAssign | ast.AugAssign):
        targets, value = [node.target], node.value
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        # A method that changes the value in place: update(), append(), insert().
        function = node.value.func
        targets = [function.value] if isinstance(function, ast.Attribute) else []
    else:
        return
    for target in targets:
        elements = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
        for element in elements:
            yield from _target(element, value, path, node.lineno)


def _target(
    target: ast.expr, value: ast.expr | None, path: Path, line: int
) -> Iterator[_Definition]:
    keys: list[ast.expr] = []
    while isinstance(target, ast.Subscript):
        keys.append(target.slice)
        target = target.value
    if isinstance(target, ast.Name):
        # CACHES["default"] = {...} reads like CACHES = {"default": {...}}.
        for key in keys:
            value = value and ast.Dict(keys=[key], values=[value])
        yield _Definition(target.id, path, line, value)


def element_line(value: ast.List | ast.Tuple, key: Hashable) -> int:
    """Return the line of an element of a list: an app by its name, or that of its AppConfig."""
    for element in value.elts:
        text = element.value if isinstance(element, ast.Constant) else None
        if text == key or (isinstance(text, str) and text.startswith(f"{key}.apps.")):
            return element.lineno
    return 0


def _entry(value: ast.expr | None, keys: tuple[Hashable, ...]) -> int:
    """Return the line of the entry under ``keys`` in a dictionary display, 0 if it is not there."""
    line = 0
    for key in keys:
        if isinstance(value, ast.List | ast.Tuple):
            return element_line(value, key)
        if not isinstance(value, ast.Dict):
            return 0
        for written, held in zip(value.keys, value.values, strict=True):
            if isinstance(written, ast.Constant) and written.value == key:
                value, line = held, written.lineno
                break
        else:
            return 0
    return line
