"""Whether anything of a site may load a file."""

from __future__ import annotations

import re

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.running import by_hand
from django_scaleready.checks.code.summary import Summary
from django_scaleready.checks.reaching.sayers import is_site

# Nothing looks for files of these names: URLs import them, or name what they have in a text.
_VIEWS = re.compile(r"(\w+_)?views\.py")


def is_loaded(code: Codebase, source: Summary) -> bool:
    """Whether something imports a file, or may load it by its name.

    Views that nothing imports are loaded by nobody, if all of the project lies here and URLs are
    seen to import other ones. An import of a name that ends like theirs may be of them.
    """
    if not by_hand.is_loaded(code, source):
        return False
    if source.path in code.importers or not _are_views(source.path):
        return True
    return not code.once(_imports_views) or end(source.module) in code.once(imported)


def _are_views(path: str) -> bool:
    return _VIEWS.fullmatch(path.rpartition("/")[2]) is not None


def _imports_views(code: Codebase) -> bool:
    """Whether this is a site whose URLs are seen to import views."""
    return code.once(is_site) and any(
        _are_views(path) and any("urls" in importer for importer in by)
        for path, by in code.importers.items()
    )


def end(dotted: str) -> str:
    """Return the last two parts of a name."""
    return ".".join(dotted.split(".")[-2:])


def imported(code: Codebase) -> frozenset[str]:
    """Return the ends of all that is imported, and of what that may lie in."""
    modules = {dotted.rpartition(".")[0] for dotted in code.importing}
    return frozenset(map(end, modules.union(code.importing)))
