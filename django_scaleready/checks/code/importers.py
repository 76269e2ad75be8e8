"""Who imports a file: one that only commands import lives as long as a command runs.

A file that nobody imports is run by hand, or loaded by a name that stands in a text.
"""

from __future__ import annotations

from django_scaleready.checks.code.definitions import Definitions
from django_scaleready.checks.code.module import LOADED
from django_scaleready.checks.code.summary import Summary

# Their functions are a developer's or a hook's.
TOOLS = ("fabric.", "gitlint.", "invoke.")


def files_of_commands(code: Definitions) -> frozenset[str]:
    """Return the files that nothing but commands and scripts import, directly or not.

    A file that Django or Celery loads by its name is not one of them.
    """
    importers = code.once(importers_of)
    found = {summary.path for summary in code if summary.is_script}
    size = 0
    while size != len(found):
        size = len(found)
        found |= {
            path
            for path, by in importers.items()
            if by <= found and not LOADED.search(path.rpartition("/")[2])
        }
    return frozenset(found)


def is_by_hand(code: Definitions, summary: Summary) -> bool:
    """Whether a file is a program, and nobody imports it.

    It has a function called main, lies in a folder of scripts that is no package, or imports what
    runs tasks for developers.
    """
    if summary.path in code.once(importers_of):
        return False
    folder = summary.path.rpartition("/")[0]
    is_package = code.by_module.get(folder.replace("/", ".")) is not None
    scripts = "scripts" in folder.split("/") and not is_package
    tool = any(name.startswith(TOOLS) for name in summary.imported)
    return scripts or tool or ("main" in summary.functions and not is_loaded(code, summary))


def is_loaded(code: Definitions, summary: Summary) -> bool:
    """Whether something imports a file, or Django and Celery load it by its name."""
    name = summary.path.rpartition("/")[2]
    loaded = name == "__init__.py" or LOADED.search(name)
    return bool(loaded) or summary.path in code.once(importers_of)


def importers_of(code: Definitions) -> dict[str, set[str]]:
    """Return the files that import each file."""
    found: dict[str, set[str]] = {}
    for summary in code:
        for dotted in summary.imported | summary.under_debug:
            target = code.imported(dotted)
            if target is not None and target is not summary:
                found.setdefault(target.path, set()).add(summary.path)
    return found
