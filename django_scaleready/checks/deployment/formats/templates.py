"""Templates of deploy files, read without what fills them in: Jinja's, Go's, mustaches.

What decides, repeats or includes is blanked, what is filled in becomes a variable that nobody has
set, as ``$name``; every line stays where it was. What is left is what the file says itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Unknown

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.files import DeployFile

_PAIRS = {"{{": "}}", "{%": "%}", "{#": "#}"}
_OPENS = re.compile(r"\{[{%#]")
# Triple braces are a mustache's, raw; a brace or a dash inside belongs to the tag.
_EDGES = "{}-+~ \t\r\n"
_WORD = re.compile(r"[A-Za-z_]\w*")
_STARTS = frozenset(
    ["if", "range", "with", "define", "block", "for", "macro", "filter", "call", "unless"]
)
_ELSES = frozenset({"else", "elif"})
# What is built or started where the code is worked on: {% if build_dev|bool %}.
_DEVELOPED = re.compile(r"(?<![A-Za-z])(dev|devel|develop|development)(?![A-Za-z])", re.IGNORECASE)
_DENIES = re.compile(r"\b(not|ne|unless)\b|!")
_BLOCK = re.compile(r"\b(n?indent|toYaml|to_(nice_)?yaml)\b")
_ASSIGNS = re.compile(r"\$\w+\s*(,\s*\$\w+\s*)?:?=")
_COMMENT = re.compile(r"-?\s{0,9}/\*")
# How a reason begins if a reader has refused a text.
_REFUSED = "ValueError: "
_BLANK = re.compile(r"[ \t]*(?=\n|\Z)")
_LITERAL = re.compile(r"""^(?:"([^"\\\n]*)"|'([^'\\\n]*)')(?=\s*(?:\||$))""")
_DEFAULT = re.compile(
    r"""(?:^|\|\s*)default\s*\(?\s*(?:"([^"\\\n]*)"|'([^'\\\n]*)'|(\d[\w.]*|true|false)\b)"""
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a template: what stands where in the text, and inside of its braces."""

    start: int
    end: int
    opened: str
    body: str

    @property
    def word(self) -> str:
        """The word it begins with."""
        found = _WORD.match(self.body)
        return found[0] if found else ""


def is_template(text: str) -> bool:
    """Whether something in a text is to be filled in."""
    return any(pair in text for pair in ("{{", "{%"))


def undecided(file: DeployFile, unknown: Unknown) -> Unknown:
    """Return why a file cannot be read: templates that are nothing by themselves, once a folder.

    Any error but a refusal is ours, and said of its file.
    """
    reason = unknown.reason.removeprefix(_REFUSED)
    if is_template(file.text) and reason != unknown.reason:
        whole = "templates: of some only what is made of them can be read"
        return Unknown(file.folder or ".", whole)
    return Unknown(file.path, reason)


def tags(text: str) -> Iterator[Tag]:
    """Yield the tags of a text. What is never closed is none: ``${#list}`` of a shell."""
    position = 0
    unclosed: set[str] = set()
    while found := _OPENS.search(text, position):
        position = found.end()
        inner = _COMMENT.match(text, position)
        # A comment may hold what looks like its end: {{/* {{ x }} */}}.
        after = text.find("*/", inner.end()) if inner and "/*" not in unclosed else position
        if inner and after < 0:
            unclosed.add("/*")
        end = -1 if found[0] in unclosed else text.find(_PAIRS[found[0]], max(after, position))
        if end < 0:
            unclosed.add(found[0])
            continue
        end += 2
        if text[found.end() : found.end() + 1] == "{" and text[end : end + 1] == "}":
            end += 1
        body = text[found.end() : end - 2].strip(_EDGES)
        yield Tag(found.start(), end, found[0], body)
        position = end


def name_of(expression: str) -> str:
    """Return the variable that stands for an expression: the same one for the same."""
    return "$" + ("_".join(_WORD.findall(expression))[:80] or "value")


def blanked(text: str) -> str:
    """Return a template's own text, each line where it was.

    Of what is decided by a condition that nobody can know here, the first case stays that is not
    for development.
    """
    if not is_template(text):
        return text
    made: list[str] = []
    position = 0
    # How deep in blocks, the depth at which a case began that is left out, and whether one of its
    # other cases is to stay.
    depth, left_out, waits = 0, 0, False
    for tag in tags(text):
        between = text[position : tag.start]
        made.append(_lines(between) if left_out else between)
        control, deeper, out = _step(tag, depth, left_out)
        if not left_out and out == 0 and deeper > depth and _is_for_development(tag):
            out, waits = deeper, True
        elif waits and left_out == depth == deeper and tag.word in _ELSES:
            waits = _is_for_development(tag)
            out = depth if waits else 0
        waits, depth = waits and out > 0, deeper
        # Alone in its lines, what is put there is no value, but more lines.
        alone = _ends_blank(between, position) and bool(_BLANK.match(text, tag.end))
        is_value = tag.opened == "{{" and not (control or alone or left_out)
        made.append(_value(tag.body) if is_value else "")
        made.append(_lines(text[tag.start : tag.end]))
        position, left_out = tag.end, out
    rest = text[position:]
    made.append(_lines(rest) if left_out else rest)
    return "".join(made)


def _step(tag: Tag, depth: int, left_out: int) -> tuple[bool, int, int]:
    """Return whether a tag decides, and how deep, and left out from where, what follows is."""
    word = tag.word
    if tag.opened == "{#" or tag.body.startswith(("/*", "!")) or _ASSIGNS.match(tag.body):
        return True, depth, left_out
    if tag.opened == "{{" and tag.body.startswith(("#", "^")):
        return True, depth + 1, left_out
    if word in _STARTS and (tag.opened == "{%" or " " in tag.body):
        return True, depth + 1, left_out
    if word in _ELSES:
        return True, depth, left_out or depth
    if word.startswith("end") or tag.body.startswith("/"):
        return True, max(0, depth - 1), left_out if left_out and left_out < depth else 0
    return tag.opened == "{%", depth, left_out


def _is_for_development(tag: Tag) -> bool:
    """Whether a case is one for those who work on the code, by what its condition names."""
    cases = re.split(r"\bor\b", tag.body)
    return not _DENIES.search(tag.body) and all(map(_DEVELOPED.search, cases))


def _ends_blank(between: str, position: int) -> bool:
    """Whether a line has only just begun where a text that stands at a position ends."""
    _, newline, last = between.rpartition("\n")
    return not last.strip() and (bool(newline) or not position)


def _value(body: str) -> str:
    """Return what an expression says itself: a text, the default, or the name of a variable."""
    for pattern in (_LITERAL, _DEFAULT):
        if found := pattern.search(body):
            return next(part for part in found.groups() if part is not None)
    return "" if _BLOCK.search(body) else name_of(body)


def _lines(text: str) -> str:
    return "\n" * text.count("\n")
