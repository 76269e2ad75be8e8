"""Settings that a script writes where it installs the project: ``cat > shop/local.py << EOF``."""

from __future__ import annotations

import re
from pathlib import Path

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading import files

_SCRIPT = re.compile(r"(\.(ba)?sh|(^|/)[\w-]*entry-?point[\w.-]*)$")
# Who tests or develops writes other ones.
_OTHERS = re.compile(
    r"(^|[-_./])(ci|dev|develop(er|ment)?|examples?|local|tests?|testing|vagrant)([-_./]|$)"
)
# The line with both ends of it, and what is written.
_HERE = re.compile(
    r"^([^\n#]*<<-?[ \t]*[\"']?(\w+)[\"']?[^\n]*)\n(.*?)^[ \t]*\2[ \t]*$", re.MULTILINE | re.DOTALL
)
_NAME = re.compile(r"^([A-Z][A-Z0-9_]*)[ \t]*(?::[^=\n]+)?=(?!=)", re.MULTILINE)


def written(code: Codebase, root: Path, dotted: str, path: Path) -> frozenset[str]:
    """Return the settings that scripts write to a module which is not in the repository.

    ``path`` is the file that imports it.
    """
    level = len(dotted) - len(dotted.lstrip("."))
    module = "/".join(dotted.lstrip(".").split(".")) + ".py"
    if level and path.parents[level - 1] != root:
        module = f"{path.parents[level - 1].name}/{module}"
    found: set[str] = set()
    for line, text in code.once(_documents, root):
        words = (word.strip("\"'") for word in re.split(r"[\s<>|;&]+", line))
        if any(f"/{word}".endswith(f"/{module}") for word in words):
            found.update(_NAME.findall(text))
    # Whether DEBUG is on is told elsewhere.
    return frozenset(found - {"DEBUG"})


def _documents(code: Codebase, root: Path) -> list[tuple[str, str]]:
    """Return what scripts hold to be written: the line that says where, and the text."""
    guides = (f"{name}/{path}" for name in ("doc", "docs") for path in files.listed(root / name))
    found = []
    for name in (*code.listed, *guides):
        if _SCRIPT.search(name) and not _OTHERS.search(name):
            content = files.content(root, name)
            if b".py" in content and b"<<" in content:
                parts = _HERE.findall(content.decode("utf-8", "replace"))
                found += [(line, text) for line, _, text in parts]
    return found
