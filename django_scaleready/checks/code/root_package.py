"""The name of the package that a repository's root is, where it is one."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping

from django_scaleready.checks.code.summary import Summary

# What the file of the package is called by its path.
ROOT = "__init__"


def root_package(by_name: Mapping[str, Summary], imported: Iterable[str]) -> str:
    """Return the name under which files import what lies in the root, "" for none.

    ``by_name`` are the files by the names that their paths give them. Where the root has an
    ``__init__.py``, the folder above it may be on the import path: ``orders/feeds.py`` is imported
    as ``shop.orders.feeds``. What the root's folder is called says nothing, a checkout has any
    name; the imports tell. A package from elsewhere may have a ``models`` and an ``admin``, too: it
    would have to be asked for nothing but what is defined here.
    """
    if ROOT not in by_name:
        return ""
    own = {name.partition(".")[0] for name in by_name} | sys.stdlib_module_names
    lying, lacking = Counter[str](), Counter[str]()
    for dotted in imported:
        first, _, rest = dotted.partition(".")
        if rest and first not in own:
            (lying if _is_here(by_name, first, rest) else lacking)[first] += 1
    name, most = max(lying.items(), key=lambda item: (item[1], item[0]), default=("", 0))
    return name if most > lacking[name] else ""


def _is_here(by_name: Mapping[str, Summary], first: str, dotted: str) -> bool:
    """Whether a name below a package is a file's, or that of what a file defines or hands on."""
    if dotted in by_name:
        return True
    module, _, last = dotted.rpartition(".")
    source = by_name.get(module)
    if source is None:
        return False
    if last == "*" or last in source.classes or last in source.functions or last in source.values:
        return True
    # What a file has from the package itself is not defined here for that.
    return any(
        name.endswith(f".{last}") and not name.startswith(f"{first}.") for name in source.imported
    )
