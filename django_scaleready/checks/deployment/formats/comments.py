"""Comments of deploy files that silence a rule: ``# scaleready: ignore[slug] reason``."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from django_scaleready.checks.code.summary import Suppression
from django_scaleready.checks.code.tree.suppressions import MARK, suppression
from django_scaleready.checks.deployment.files import DeployFile, Kind

_ALONE = re.compile(rf"\s*[#;]\s*{MARK}")
_SIGN = re.compile(rf"[#;]\s*{MARK}.*", re.DOTALL)
_SEMICOLON = frozenset({Kind.SUPERVISOR, Kind.SYSTEMD, Kind.UWSGI})
_QUOTED = r'"(?:\\.|[^"\\])*(?:"|\Z)'
_SINGLE = r"'[^']*(?:'|\Z)"
# What a line, or all of nginx's text, is made of, so that the sign of a comment is known from one
# in a quotation. In YAML and nginx a quotation begins where a word may, in a shell anywhere; for
# supervisord there is none. In the other files a sign behind a statement is a part of it.
_YAML = re.compile(
    rf"(?P<comment>(?<!\S)\#.*)|{_QUOTED}|{_SINGLE}|[\[\]{{}},]|[^\s\[\]{{}},]+", re.DOTALL
)
_PARTS = {
    Kind.COMPOSE: _YAML,
    Kind.KUBERNETES: _YAML,
    Kind.NGINX: re.compile(
        rf"(?P<comment>(?<![^\s;{{}}])\#[^\n]*)|{_QUOTED}|'(?:\\.|[^'\\])*'|[;{{}}]|(?:\\.|[^\s;{{}}\\])+",
        re.DOTALL,
    ),
    Kind.SCRIPT: re.compile(
        rf"(?P<comment>(?<![^\s;&|()])\#.*)|\\.|{_QUOTED}|{_SINGLE}|[^\s\"'\\;&|()]+", re.DOTALL
    ),
    Kind.SUPERVISOR: re.compile(r"(?P<comment>(?<!\S)[;#].*)"),
}
# Their programs pass over a comment in the midst of a statement.
_PASSED_OVER = frozenset({Kind.DOCKERFILE, Kind.SYSTEMD})


def comments(files: Iterable[DeployFile]) -> Iterator[tuple[str, Suppression]]:
    """Yield the comments that silence a rule, each with the path of its file."""
    for file in files:
        for found in suppressions(file):
            yield file.path, found


def suppressions(file: DeployFile) -> Iterator[Suppression]:
    """Yield the comments of a file that begin with ``scaleready:``, and the lines they cover.

    One behind a line's text speaks for that line, one of its own for the statement around it or
    below it, and above all else for the file as a whole, too. A gunicorn configuration is Python,
    and read as such.
    """
    if file.kind is Kind.GUNICORN or "scaleready:" not in file.text.lower():
        return
    lines = file.text.split("\n")
    for number, line in enumerate(lines, start=1):
        if _ALONE.match(line) and (line.lstrip()[0] == "#" or file.kind in _SEMICOLON):
            covers = range(_begin(file, lines, number), _end(lines, number) + 1)
            whole = (0,) if _is_bare(lines[: number - 1]) else ()
            yield suppression(number, f"#{line.lstrip()[1:]}", (*whole, *covers))
    for number, comment in _behind(file, lines):
        yield suppression(number, f"#{comment[1:]}", (number,))


def _behind(file: DeployFile, lines: list[str]) -> Iterator[tuple[int, str]]:
    """Yield the comments behind something, each with the number of its line."""
    parts = _PARTS.get(file.kind)
    if parts is None:
        return
    # Only a quotation of nginx goes on below as a matter of course; elsewhere one that is open at
    # the end of a line is an apostrophe more often than not, and would hide all that follows.
    texts = [file.text] if file.kind is Kind.NGINX else lines
    for first, text in enumerate(texts, start=1):
        if "scaleready:" not in text.lower():
            continue
        for part in parts.finditer(text):
            if part["comment"] and (sign := _SIGN.search(part["comment"])):
                number = first + text.count("\n", 0, part.start())
                if not _ALONE.match(lines[number - 1]):
                    yield number, sign[0]


def _begin(file: DeployFile, lines: list[str], number: int) -> int:
    """Return the number of the first line of the statement around a comment, or of the comment."""
    first = number
    above = number - 1
    while file.kind in _PASSED_OVER and above:
        if lines[above - 1].rstrip().endswith("\\"):
            first = above
        elif lines[above - 1].lstrip()[:1] not in {"#", ";"}:
            break
        above -= 1
    return first


def _end(lines: list[str], number: int) -> int:
    """Return the number of the last line of the statement below a comment."""
    while number < len(lines) and (not (text := lines[number].strip()) or text[0] in "#;"):
        number += 1
    while number < len(lines) and lines[number].rstrip().endswith("\\"):
        number += 1
    return number + 1


def _is_bare(lines: list[str]) -> bool:
    """Whether nothing but comments and headings stands in some lines: ``[uwsgi]``."""
    return all(not line.strip() or line.strip()[0] in "#;[" for line in lines)
