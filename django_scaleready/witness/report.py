"""From what was seen to a report, in the form of the check."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings
from django.core import checks

from django_scaleready.checks.base import Found, Location
from django_scaleready.checks.code.suppressions import comments
from django_scaleready.checks.messages import is_serious
from django_scaleready.checks.reports.build import build, render
from django_scaleready.checks.reports.report import Report
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


@cache
def _silenced_lines(path: Path) -> dict[int, frozenset[str]]:
    """Return the slugs that comments of a file silence, by line."""
    try:
        content = path.read_bytes()
    except OSError:
        return {}
    lines: dict[int, frozenset[str]] = {}
    for comment in comments(content):
        for line in comment.covers if comment.reason else ():
            lines[line] = lines.get(line, frozenset()) | set(comment.slugs)
    return lines


def is_silenced(item: Found, root: Path) -> bool:
    """Whether a comment at the place, or SILENCED_SYSTEM_CHECKS, silences a finding.

    A comment about the rule that finds the same in the source is enough: the reason is the same.
    """
    place: Location = item.finding.location
    slugs = _silenced_lines(root / place.path).get(place.line, frozenset())
    wanted = SIBLINGS[item.rule.slug] | {item.rule.slug}
    return bool(slugs & wanted) or item.rule.code in settings.SILENCED_SYSTEM_CHECKS


def reported(several: Iterable[Seen], root: Path) -> Report:
    """Return the report; what is certain and an error fails."""
    everything = [found(seen) for seen in several]
    visible = [item for item in everything if not is_silenced(item, root)]
    return build(
        visible,
        root=root,
        serious=lambda finding: is_serious(finding, checks.ERROR),
        silenced=len(everything) - len(visible),
    )


def told(
    several: Sequence[Seen],
    root: Path,
    watched: Mapping[str, int],
    errors: Iterable[str],
    paint: Callable[[str, str], str] | None = None,
) -> Iterator[str]:
    """Yield the lines of a summary; the last says what was watched, for nothing may be missing."""
    report = reported(several, root)
    if watched.get("request") or watched.get("task") or watched.get("test"):
        yield from render(report, "text", paint).splitlines()
    for error in errors:
        yield f"A trace was lost: {error}"
    yield _extent(watched)


def _extent(watched: Mapping[str, int]) -> str:
    counted = [
        f"{watched[word]:,} {word}{'' if watched[word] == 1 else 's'}"
        for word in ("request", "task", "test")
        if watched.get(word)
    ]
    if not counted:
        return "Nothing was watched: no request was made and no task ran in this process."
    return f"Watched {', '.join(counted)}."
