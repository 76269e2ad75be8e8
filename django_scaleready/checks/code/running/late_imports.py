"""The files that are loaded when a function asks for them, and not before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.module import LIBRARIES
from django_scaleready.checks.code.tree.reading import Reading

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase

NOTED = "late-imports"


def late_imports(reading: Reading) -> Iterator[Fact]:
    """Note what functions of a file import, and nothing else of it: (name, ...)."""
    late = (dotted for dotted, is_late in reading.module.late.items() if is_late)
    if own := sorted(name for name in late if name.partition(".")[0] not in LIBRARIES):
        yield Fact(1, "", tuple(own))


def late_importers(code: Codebase, path: str) -> frozenset[str]:
    """Return who imports a file, if all of them do so in functions; none if one loads it first."""
    late = code.once(_late)
    found = set()
    for importer in code.importers.get(path, ()):
        names = code.by_path[importer].imported
        loading = [n for n in names if (loaded := code.imported(n)) and loaded.path == path]
        if not late.get(importer, frozenset()).issuperset(loading):
            return frozenset()
        found.add(importer)
    return frozenset(found)


def _late(code: Codebase) -> dict[str, frozenset[str]]:
    return {source.path: frozenset(fact.data) for source, fact in code.facts(NOTED)}
