"""Who imports a file: one that only commands import lives as long as a command runs."""

from __future__ import annotations

from django_scaleready.checks.code.definitions import Definitions
from django_scaleready.checks.code.module import LOADED


def files_of_commands(code: Definitions) -> frozenset[str]:
    """Return the files that nothing but commands and scripts import, directly or not.

    A file that Django or Celery loads by its name is not one of them.
    """
    importers: dict[str, set[str]] = {}
    for summary in code:
        for dotted in summary.imported:
            target = code.by_module.get(dotted) or code.by_module.get(dotted.rpartition(".")[0])
            if target is not None and target is not summary:
                importers.setdefault(target.path, set()).add(summary.path)
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
