"""What was seen, as findings, and which of them the project silences."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.conf import settings

from django_scaleready.checks.base import Found
from django_scaleready.checks.code.tree.suppressions import comments
from django_scaleready.checks.rules import (
    witnessed_file,
    witnessed_process,
    witnessed_socket,
    witnessed_sqlite,
)
from django_scaleready.checks.witnessed import SIBLINGS, Kind, Seen

RULES = {
    Kind.FILE: witnessed_file,
    Kind.SQLITE: witnessed_sqlite,
    Kind.SOCKET: witnessed_socket,
    Kind.PROCESS: witnessed_process,
}


def found(seen: Seen) -> Found:
    """Return the finding that something seen is."""
    module = RULES[seen.kind]
    return Found(module.RULE, module.judge(seen))


def is_silenced(item: Found, root: Path) -> bool:
    """Whether a comment at the place, or SILENCED_SYSTEM_CHECKS, silences a finding.

    A comment about the rule that finds the same in the source is enough: the reason is the same.
    """
    place = item.finding.location
    slugs = _silenced_lines(root / place.path).get(place.line, frozenset())
    wanted = SIBLINGS[item.rule.slug] | {item.rule.slug}
    return bool(slugs & wanted) or item.rule.code in settings.SILENCED_SYSTEM_CHECKS


@cache
def _silenced_lines(path: Path) -> dict[int, frozenset[str]]:
    """Return the slugs that comments of a file silence, by line."""
    try:
        content = path.read_bytes()
    except OSError:
        # A place in a package is shown below site-packages, and is nobody's to comment.
        return {}
    lines: dict[int, frozenset[str]] = {}
    for comment in comments(content):
        for line in comment.covers if comment.reason else ():
            lines[line] = lines.get(line, frozenset()) | set(comment.slugs)
    return lines
