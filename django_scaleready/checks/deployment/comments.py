"""Comments of deploy files that silence a rule: ``# scaleready: ignore[slug] reason``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django_scaleready.checks.code.summary import Suppression
from django_scaleready.checks.code.suppressions import suppression
from django_scaleready.checks.deployment.files import DeployFile, Kind

_ALONE = re.compile(r"\s*[#;]\s*scaleready:")
# In the others a sign behind a line's text is a part of it.
_BEHIND = frozenset({Kind.COMPOSE, Kind.KUBERNETES, Kind.NGINX, Kind.SCRIPT})
_SIGN = re.compile(r"(?<=\s)#\s*scaleready:.*$")
_SEMICOLON = frozenset({Kind.SUPERVISOR, Kind.SYSTEMD, Kind.UWSGI})


def comments(files: Iterable[DeployFile]) -> Iterator[tuple[str, Suppression]]:
    """Yield the comments that silence a rule, each with the path of its file."""
    for file in files:
        for found in suppressions(file):
            yield file.path, found


def suppressions(file: DeployFile) -> Iterator[Suppression]:
    """Yield the comments of a file that begin with ``scaleready:``, and the lines they cover.

    One behind a line's text speaks for that line, one of its own for the next statement. A gunicorn
    configuration is Python, and read as such.
    """
    if "scaleready:" not in file.text or file.kind is Kind.GUNICORN:
        return
    lines = file.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if _ALONE.match(line):
            if line.lstrip().startswith("#") or file.kind in _SEMICOLON:
                covers = range(number, _end(lines, number) + 1)
                yield suppression(number, f"#{line.lstrip()[1:]}", tuple(covers))
        elif file.kind in _BEHIND and (found := _SIGN.search(line)) and _is_open(line, found):
            yield suppression(number, found[0], (number,))


def _end(lines: list[str], number: int) -> int:
    """Return the number of the last line of the statement below a comment."""
    while number < len(lines) and (not (text := lines[number].strip()) or text[0] in "#;"):
        number += 1
    while number < len(lines) and lines[number].rstrip().endswith("\\"):
        number += 1
    return number + 1


def _is_open(line: str, found: re.Match[str]) -> bool:
    """Whether no quotation is open where the comment begins."""
    before = line[: found.start()]
    return before.count('"') % 2 == 0 and before.count("'") % 2 == 0
