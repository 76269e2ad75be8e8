"""Charts on disk: the values that they bring, and the templates that theirs may include."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.files import CHART, DeployFile, read
from django_scaleready.checks.deployment.formats.yaml_text import (
    MAX_VALUES,
    Item,
    documents,
    loaded,
)
from django_scaleready.checks.deployment.helm.values import Unsure

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.helm.render import Written
    from django_scaleready.checks.deployment.helm.syntax import Node

_DEFINES = re.compile(r"\{\{-?\s*(define|block)\b")
# A pod as it is written out, with how deep all stands that it says.
_POD = re.compile(
    r"^[ \t]*spec:[ \t]*\n(?:(?![ \t]*spec:[ \t]*$|---).*\n)*?(?P<depth>[ \t]*)containers:"
    r"(?:(?!---).*(?:\n|\Z))*",
    re.MULTILINE,
)
# A line of which a value or another file is the whole, with how deep that is to be.
_FILLS = re.compile(
    r"^([ \t]*)\{[{%]"
    r"(?!-?\s*(?:(?:if|with|range|end\w*|else|elif|define|block|set|for)\b|\$\w+ :?=|/\*))"
    r"(?:[^}\n]*\bn?indent (\d+))?[^}\n]*[%}]\}[ \t]*$",
    re.MULTILINE,
)
# The values of an installation that users meet, laid over the chart's own.
_PRODUCTION = re.compile(
    r"(?!.*(pre|non|not)[-_.]?prod)(.*values.*[-_.])?(prod\w*|live)([-_.].*values.*)?\.ya?ml"
)
_MOST_FILES = 200
# Of the lines of a script, those that no value is filled into.
_ALIKE = 0.3


class Charts:
    """The charts below a root, each read once."""

    def __init__(self, root: Path) -> None:
        """Take the project's root; nothing is read yet."""
        self.root = root
        self._charts: dict[Path, Chart | None] = {}

    def written(self, file: DeployFile) -> Written | None:
        """Return what a file of a chart comes to; None if it is of none, or comes to too much."""
        chart = self._above((self.root / file.path).parent)
        if chart is None:
            return None
        # Few manifests are templates, and what fills them in takes long to import.
        from django_scaleready.checks.deployment.helm.render import Writer

        try:
            return Writer(chart.defined).write(file.text, chart.given)
        except ValueError:
            return None

    def place(self, file: DeployFile, words: Sequence[str]) -> Location | None:
        """Return where the values say what a template of a chart only fills in."""
        filled = [word for word in words if word not in file.text]
        chart = self._above((self.root / file.path).parent) if filled else None
        if chart is None:
            return None
        # One word among others does not say what is started; a line for the shell does.
        line_of_shell = max(filled, key=len)
        text = line_of_shell if len(words) == 1 or len(line_of_shell.split()) > 1 else None
        for path, given in chart.written.items():
            if line := _line_of(given, words, text):
                return Location(path.relative_to(self.root).as_posix(), line)
        return None

    def leaves_out(self, file: DeployFile, word: str) -> bool:
        """Whether a template writes a pod out itself, and nothing of its chart holds a word.

        What fills its gaps stands below keys that it names, and that word is none of them.
        """
        pods = [*_POD.finditer(file.text)]
        if not pods or word in file.text or any(map(_is_filled, pods)):
            return False
        chart = self._above((self.root / file.path).parent)
        return chart is None or word not in chart.text

    def _above(self, folder: Path) -> Chart | None:
        """Return the chart that a folder lies in."""
        if folder not in self._charts:
            parent = self._above(folder.parent) if folder != self.root else None
            is_chart = (folder / CHART).is_file()
            self._charts[folder] = Chart(folder, parent, self.root) if is_chart else parent
        return self._charts[folder]


class Chart:
    """One chart; ``parent``: the one that it is a part of."""

    def __init__(self, folder: Path, parent: Chart | None, root: Path) -> None:
        """Take its folder, and that of the project; nothing is read yet."""
        self.folder = folder
        self.root = root
        self.parent = parent

    @cached_property
    def text(self) -> str:
        """What stands in it and in the libraries that it includes, values and templates."""
        folders = (self.folder, *self._libraries())
        paths = dict.fromkeys(path for each in folders for path in _files(each, deep=True))
        return "\n".join(_read(path, self.root) for path in paths)

    @cached_property
    def about(self) -> dict[str, Any]:
        """What Chart.yaml says."""
        return _mapping(self.folder / CHART, self.root)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Its own values, under those for production beside them and under its parent's."""
        found: dict[str, Any] = {}
        for path in self.sources[::-1]:
            found = _over(found, _mapping(path, self.root))
        if self.parent is not None:
            above = self.parent.values.get(_name(self.about))
            found = _over(found, above if isinstance(above, dict) else {})
        return found

    @cached_property
    def sources(self) -> list[Path]:
        """The files that its own values stand in: what is in the first holds before the others."""
        folders = (self.folder, self.folder / "values")
        listed = (path for folder in folders for path in _files(folder, deep=False))
        production = [path for path in listed if _PRODUCTION.fullmatch(path.name.lower())]
        return [*sorted(production)[:1], self.folder / "values.yaml"]

    @cached_property
    def written(self) -> dict[Path, list[Item]]:
        """The same files with the line of each value."""
        return {path: _items(path, self.root) for path in self.sources}

    @cached_property
    def given(self) -> Mapping[str, object]:
        """What the dot of its templates is."""
        about = {f"{name[:1].upper()}{name[1:]}": each for name, each in self.about.items()}
        # Whoever installs it says how it is called, and most often calls it as it is.
        release = {"Service": "Helm", "Name": Unsure(self.about.get("name") or "release")}
        return {"Values": self.values, "Chart": about, "Release": release}

    @cached_property
    def defined(self) -> Mapping[str, list[Node]]:
        """The templates that may be included, by name: its own, its parts', its parent's."""
        found: dict[str, list[Node]] = dict(self.parent.defined) if self.parent else {}
        for folder in (*self._libraries(), self.folder / "templates"):
            for path in _files(folder, deep=True):
                found.update(_defined(path, self.root))
        return found

    def _libraries(self) -> Iterator[Path]:
        """Yield the folders of other charts' templates that it may include as its own."""
        yield self.folder / "charts"
        listed = self.about.get("dependencies")
        for each in listed if isinstance(listed, list) else []:
            if isinstance(each, dict):
                # A chart of the same repository is beside it, wherever it is published.
                address = str(each.get("repository", ""))
                other = (
                    address.removeprefix("file://") if "file://" in address else "../" + _name(each)
                )
                beside = Path(os.path.normpath(self.folder / other))
                if beside.is_relative_to(self.root) and (beside / CHART).is_file():
                    yield beside / "templates"


def _is_filled(pod: re.Match[str]) -> bool:
    """Whether something is filled in beside what a pod says itself."""
    filled = (int(found[2] or len(found[1])) for found in _FILLS.finditer(pod[0]))
    return len(pod["depth"]) in filled


def _name(about: Mapping[str, object]) -> str:
    return str(about.get("name"))


def _defined(path: Path, root: Path) -> dict[str, list[Node]]:
    text = _read(path, root)
    if not _DEFINES.search(text):
        return {}
    from django_scaleready.checks.deployment.helm.syntax import parse

    try:
        return parse(text).defined
    except ValueError:
        # Nested deeper than anybody writes: what includes it is a name.
        return {}


def _files(folder: Path, *, deep: bool) -> Iterator[Path]:
    left = _MOST_FILES
    for place, folders, names in os.walk(folder):
        if not deep:
            folders.clear()
        for name in sorted(names):
            if name.endswith((".tpl", ".yaml", ".yml")) and left:
                left -= 1
                yield Path(place, name)


def _read(path: Path, root: Path) -> str:
    """Return a file's text, "" if it cannot be one of a chart."""
    text = read(path, root)
    return text if isinstance(text, str) else ""


def _mapping(path: Path, root: Path) -> dict[str, Any]:
    try:
        found = loaded(_read(path, root))
    except ValueError:
        # Values that are templates themselves, or no YAML: whoever installs has others.
        return {}
    return found if isinstance(found, dict) else {}


def _items(path: Path, root: Path) -> list[Item]:
    try:
        return documents(_read(path, root))
    except ValueError:
        return []


def _line_of(given: list[Item], words: Sequence[str], text: str | None) -> int:
    """Return the line of a list that has some words, or of a value that is a text; 0 if none is.

    A text may have been made of a value that is a template itself, if only one is like it.
    """
    pending = [*given]
    alike: set[int] = set()
    # Values with more in them are none at all.
    for _ in range(MAX_VALUES):
        if not pending:
            break
        item = pending.pop()
        texts = [each.text for each in item.items]
        if texts and texts in ([text], list(words)):
            return item.line
        own = _lines(item.text)
        if text and own and len(own & _lines(text)) > _ALIKE * len(own):
            alike.add(item.line)
        pending += [each for _, each in item.pairs]
        pending += item.value if isinstance(item.value, list) else []
    return alike.pop() if len(alike) == 1 else 0


def _lines(text: str) -> set[str]:
    """Return the lines of a text that has several."""
    return set(filter(str.strip, text.splitlines())) if "\n" in text else set()


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """Return values with others laid over them, mapping by mapping."""
    merged = dict(below)
    for key, value in above.items():
        held = merged.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            merged[key] = _over(held, value)
        else:
            merged[key] = value
    return merged
