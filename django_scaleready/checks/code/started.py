"""The management commands that a container runs when it starts: in every replica, at each start."""

from __future__ import annotations

import re
from pathlib import Path

from django_scaleready.checks.code.files import MAX_BYTES, entries

_COMMAND = re.compile(r"(?:manage\.py|django-admin)\s+([a-z]\w*)")
# Where the start of a container is written down.
_SCRIPT = re.compile(
    r"(^Procfile|entry-?point|bootstrap|start|boot|launch|init|^run|^web|^docker|^cmd|uwsgi|supervis)"
    r".*|.*\.(service|ini)$",
    re.IGNORECASE,
)
_KINDS = ("", ".sh", ".bash", ".ini", ".conf", ".service", ".yml", ".yaml", ".web", ".toml")
# An image is built once, whatever runs from it.
_BUILD = re.compile(r"^\s*RUN\s(?:.*\\\n)*.*$", re.MULTILINE)


def started_commands(root: Path) -> frozenset[str]:
    """Return the names of the commands that start scripts below a folder run."""
    found: set[str] = set()
    for entry in entries(root):
        suffix = Path(entry.name).suffix
        named = _SCRIPT.match(entry.name) or entry.name.startswith("Dockerfile")
        if named and suffix in _KINDS and entry.stat().st_size < MAX_BYTES:
            text = Path(entry.path).read_text(encoding="utf-8", errors="replace")
            found.update(_COMMAND.findall(_BUILD.sub("", text)))
    return frozenset(found)
