"""A template of a manifest as YAML: what its chart makes of it, else what it says itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from django_scaleready.checks.deployment.files import DeployFile
from django_scaleready.checks.deployment.formats.templates import blanked, is_template
from django_scaleready.checks.deployment.formats.yaml_text import Item, documents
from django_scaleready.checks.deployment.helm.chart import Charts

_MOST_PARTS = 200
# Helm's own way to part them: a tag may have taken the end of the line.
_BETWEEN = re.compile(r"^---(?!-)", re.MULTILINE)
# A line that nothing is known of, among others.
_UNKNOWN = re.compile(r"^[ \t]*\$\w+[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Reading:
    """The documents of a file, and why the rest of it, if there is one, cannot be read.

    ``gaps``: an installation may put more into them than what they say.
    """

    documents: list[Item]
    problem: ValueError | None = None
    gaps: bool = False


def read_manifest(file: DeployFile, charts: Charts) -> Reading:
    """Return what can be read of a manifest; ValueError if nothing can."""
    if not is_template(file.text):
        return Reading(documents(file.text))
    written = charts.written(file)
    problem: ValueError | None = None
    if written is not None:
        found = _read(written.text, written.lines)
        if found.documents or found.problem is None:
            return Reading(found.documents, found.problem, written.gaps)
        problem = found.problem
    found = _read(blanked(file.text), ())
    if found.problem and not found.documents:
        raise problem or found.problem
    return Reading(found.documents, found.problem, gaps=True)


def _read(text: str, lines: Sequence[int]) -> Reading:
    """Return the documents of a text; one may be what only an installation makes whole."""
    found: list[Item] = []
    problem: ValueError | None = None
    for part, above in islice(_parts(text), _MOST_PARTS):
        own = range(above + 1, above + part.count("\n") + 2)
        at = lines[above : above + len(own)] or own
        try:
            found += documents(part, at)
        except ValueError as error:
            try:
                found += documents(_UNKNOWN.sub("", part), at)
            except ValueError:
                problem = problem or error
    return Reading(found, problem)


def _parts(text: str) -> Iterator[tuple[str, int]]:
    """Yield the documents of a text, and how many lines stand above each."""
    position, above = 0, 0
    for found in _BETWEEN.finditer(text):
        yield text[position : found.start()], above
        above += text.count("\n", position, found.end())
        position = found.end()
    yield text[position:], above
