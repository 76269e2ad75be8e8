"""Files of the repository that settings open: their text, and what loaders make of it.

What lies outside of the repository is a deployment's, and so is what is missing here: undecided.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.places import relative
from django_scaleready.checks.static.roots import DEVELOPMENT
from django_scaleready.checks.static.values import calls
from django_scaleready.checks.static.values.undecided import UNDECIDED, Opened

if TYPE_CHECKING:
    from configparser import RawConfigParser

# Written by hand, both in bytes and in values: an anchor in YAML makes many of few.
BYTES, VALUES = 500_000, 20_000
OPENERS = frozenset({"open", "io.open", "codecs.open", "tokenize.open"})
PARSERS = frozenset(
    f"{module}.{kind}"
    for module in ("configparser", "ConfigParser", "six.moves.configparser")
    for kind in ("ConfigParser", "RawConfigParser", "SafeConfigParser")
)


# Few settings read a document, and each kind has a parser that takes long to import.


def _parser() -> RawConfigParser:
    from configparser import RawConfigParser

    return RawConfigParser(strict=False)


@dataclass(eq=False)
class Ini:
    """A ``ConfigParser`` and what it has read."""

    held: RawConfigParser = field(default_factory=_parser)

    def __getitem__(self, section: str) -> dict[str, str]:
        """Return the options of a section; raises KeyError."""
        return dict(self.held[section])

    def ask(self, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        """Return what a method gives; UNDECIDED where it would raise."""
        if UNDECIDED in arguments:
            return UNDECIDED
        if name == "get" and len(arguments) == 1:
            return calls.safely(self.__getitem__, arguments, {})
        if name in {"get", "getint", "getfloat", "getboolean"}:
            found = calls.safely(getattr(self.held, name), arguments[:2], {})
            return options.get("fallback", UNDECIDED) if found is UNDECIDED else found
        if name in {"has_section", "has_option", "sections", "options", "items"}:
            return calls.safely(getattr(self.held, name), arguments, {})
        return UNDECIDED


def _yaml(text: str) -> Any:
    import yaml

    return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe loaders


def _toml(text: str) -> Any:
    import tomllib

    return tomllib.loads(text)


LOADERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("json.load", "json.loads", "ujson.load", "simplejson.load"), json.loads),
    **dict.fromkeys(("yaml.safe_load", "yaml.load", "yaml.full_load"), _yaml),
    **{f"{m}.{f}": _toml for m in ("tomllib", "tomli", "toml") for f in ("load", "loads")},
}
_PYTHON = re.compile(r"/?\w+\.py")
# What is asked of a path, or of a file that was opened.
READ = frozenset({"read", "read_text", "read_bytes"})


class Documents:
    """The files that settings may open."""

    def __init__(self, root: Path | None) -> None:
        """Take the repository's folder; without one there are no files."""
        self._root = root

    def call(self, dotted: str, first: Any, mode: Any = None) -> Any:
        """Return what a call gives that reads a file, or looks for one, by its first argument."""
        if dotted in PARSERS:
            return Ini()
        if dotted in OPENERS:
            found = self.file(first) if str(mode or "r").startswith("r") else None
            return Opened(found) if found else UNDECIDED
        if dotted in LOADERS:
            return self._loaded(LOADERS[dotted], first)
        return UNDECIDED

    def only(self, node: ast.Call) -> Any:
        """Return what a call opens in a folder that is not told, if one file here has the name.

        Only of Python's files: a deployment brings the settings that are here to such a folder.
        """
        path = node.args[0] if node.args else None
        parts = path.args if isinstance(path, ast.Call) else [getattr(path, "right", None)]
        last = parts[-1] if parts else None
        name = last.value if isinstance(last, ast.Constant) else None
        if self._root is None or not isinstance(name, str) or not _PYTHON.fullmatch(name):
            return UNDECIDED
        found = [path for path in self._root.rglob(name.lstrip("/")) if path.is_file()]
        if len(found) != 1 or DEVELOPMENT.search(relative(found[0], self._root).lower()):
            return UNDECIDED
        return Opened(found[0])

    def method(self, inner: Any, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        """Return what a method of a path, an open file or a parser gives."""
        if isinstance(inner, Ini):
            return self._of_ini(inner, name, arguments, options)
        if isinstance(inner, Opened):
            return self._text(inner.path) if name in READ else UNDECIDED
        if name in READ or name == "open":
            found = self.file(inner)
            return (Opened(found) if name == "open" else self._text(found)) if found else UNDECIDED
        return UNDECIDED

    def _of_ini(self, ini: Ini, name: str, arguments: list[Any], options: dict[str, Any]) -> Any:
        if name in {"read", "read_file", "readfp"} and arguments:
            given = arguments[0]
            for each in given if isinstance(given, list | tuple) else [given]:
                path = each.path if isinstance(each, Opened) else self.file(each)
                from configparser import Error

                with suppress(Error):
                    ini.held.read_string(self._text(path) or "" if path else "")
            return UNDECIDED
        return ini.ask(name, arguments, options)

    def file(self, path: Any) -> Path | None:
        """Return a file of the repository that may be read; None for all else."""
        if self._root is None or not isinstance(path, str | Path):
            return None
        with suppress(OSError, ValueError):
            # What is named relatively is found where manage.py is run.
            found = (self._root / path).resolve()
            inside = found.is_relative_to(self._root) and found.is_file()
            return found if inside and found.stat().st_size <= BYTES else None
        return None

    def _text(self, path: Path) -> Any:
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return UNDECIDED

    def _loaded(self, load: Callable[[str], Any], given: Any) -> Any:
        text = self._text(given.path) if isinstance(given, Opened) else given
        if not isinstance(text, str):
            return UNDECIDED
        try:
            found = load(text)
            return UNDECIDED if sum(1 for _ in _values(found, VALUES)) >= VALUES else found
        except Exception:  # noqa: BLE001 - whatever is wrong with a file, running the settings will say
            return UNDECIDED


def _values(value: Any, most: int) -> Iterator[Any]:
    """Yield the values in a value, not more than so many."""
    pending = [value]
    while pending and most:
        most -= 1
        held = pending.pop()
        yield held
        if isinstance(held, dict):
            pending += held.values()
        elif isinstance(held, list):
            pending += held


def is_document(value: Any) -> bool:
    """Whether a value is something whose methods read files."""
    return isinstance(value, Opened | Ini | Path)
