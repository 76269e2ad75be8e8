"""What is said of a project, without the folder that it was read in.

That folder is the affair of the machine that reads; a replica has the project elsewhere, and a
report may be published.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from django_scaleready.checks.base import Finding, Unknown


def said_from(root: Path, finding: Finding) -> Finding:
    """Return a finding whose texts name paths as seen from the project's root."""
    message, hint = _seen_from(root, finding.message), _seen_from(root, finding.hint)
    if (message, hint) == (finding.message, finding.hint):
        return finding
    return replace(finding, message=message, hint=hint)


def unknown_from(root: Path, unknown: Unknown) -> Unknown:
    """Return the same of what could not be decided."""
    return Unknown(_seen_from(root, unknown.subject), _seen_from(root, unknown.reason))


def _seen_from(root: Path, text: str) -> str:
    folder = root.as_posix()
    if root == root.parent or folder not in text:
        return text
    return _pattern(folder).sub(lambda match: "" if match["below"] else ".", text)


@lru_cache(maxsize=8)
def _pattern(folder: str) -> re.Pattern[str]:
    # Neither another folder that begins alike, nor one of that name elsewhere.
    begins, ends = r"(?<![\w.\-])", r"(?![\w\-]|\.\w)"
    below = r"(?P<below>/+(?=[^\s/'\"`,;:)\]]))"
    return re.compile(f"{begins}{re.escape(folder)}(?:{below}|/*{ends})")
