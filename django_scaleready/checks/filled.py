"""Which containers that functions fill are no object's own, and read by a later request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django_scaleready.checks.code.memory.fills import FILLED, SCRATCH
from django_scaleready.checks.code.memory.rebound import SETTINGS
from django_scaleready.checks.code.summary import Fact, Summary
from django_scaleready.checks.held_back import Name

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase

SLUG = "process-dict-cache"
COPIED, BEGUN = "copied", "begun"


def is_filled(code: Codebase, source: Summary, fact: Fact) -> bool:
    """Whether it is of a container that is filled, no object's own, and read by a later request."""
    if fact.data[0] not in {FILLED, SCRATCH} or _has_copy(code, source, *fact.data[1:3]):
        return False
    return fact.data[0] == FILLED or code.once(_is_imported, source.path, *fact.data[1:3])


def keeps(code: Codebase, imported: str, name: str) -> bool:
    """Whether what is imported keeps what it is given, as models do, and Django's settings.

    A class may do what it likes with it, and so may what stands in for the settings. A method of a
    model that is called ``update`` is no dictionary's: only its attributes are kept.
    """
    if imported == SETTINGS:
        return not any("_wrapped" in source.mentions for source in code)
    if imported in code.once(begun):
        return True
    return "." in name and any(base.endswith(".Model") for base in code.ancestors(imported))


def _is_imported(code: Codebase, path: str, owner: str, name: str) -> bool:
    """Whether another file may read a variable: it imports that, or names it after a dot.

    So does who names an attribute of a class, and that.
    """
    if owner:
        last = owner.rpartition(".")[2]
        importing = {
            path for dotted in code.imported_as.get(last, ()) for path in code.importing[dotted]
        }
        return any(
            name in other.mentions and (other.path in importing or last in other.mentions)
            for other in code
            if other.path != path
        )
    imported = (dotted for dotted in code.imported_as.get(name, ()) if "." in dotted)
    named = any(name in other.mentions for other in code if other.path != path)
    return named or any(code.imported(dotted) is code.by_path[path] for dotted in imported)


def begun(code: Codebase) -> dict[str, Name]:
    """Return the containers that modules have for whoever fills them, by their dotted names."""
    begun = ((source, fact) for source, fact in code.facts(SLUG) if fact.data[0] == BEGUN)
    return {f"{s.module}.{fact.data[1]}": (s.path, "", fact.data[1]) for s, fact in begun}


def _has_copy(code: Codebase, source: Summary, owner: str, name: str) -> bool:
    """Whether a class, or one that it derives from, gives each object a copy."""
    copied = code.once(_copies)
    bases = map(code.locate, code.ancestors(f"{source.module}.{owner}")) if owner else ()
    return any(found and (found[0].path, found[1], name) in copied for found in bases)


def _copies(code: Codebase) -> frozenset[tuple[str, ...]]:
    facts = code.facts(SLUG)
    return frozenset((s.path, *fact.data[1:]) for s, fact in facts if fact.data[0] == COPIED)
