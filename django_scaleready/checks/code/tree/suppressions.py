"""Comments that silence a rule on their line: ``# scaleready: ignore[local-cache] reason``."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Iterator

from django_scaleready.checks.base import number_of
from django_scaleready.checks.code.summary import Suppression
from django_scaleready.checks.code.tree.module import Module

# However it is written: to look for these is quicker than to look for any case.
MARKS = (b"scaleready:", b"SCALEREADY:", b"Scaleready:", b"ScaleReady:")
# SCALEREADY: may also begin a sentence about the setting.
MARK = r"(?:scaleready:|(?i:scaleready:\s*ignore\b))"
_COMMENT = re.compile(r"#\s*(?i:scaleready:\s*ignore)(?:\[(?P<slugs>[^\]]*)\])?\s*(?P<reason>.*)$")
# Tokens that stand before a statement without being a part of it.
_BESIDE = frozenset(
    {tokenize.COMMENT, tokenize.DEDENT, tokenize.ENCODING, tokenize.INDENT, tokenize.NL}
)
# What another tool is told behind it is no reason; "see #12" is one.
_OTHER_TOOLS = re.compile(r"(^|\s)#\s.*$")
_SHORT = re.compile(rf"#\s*{MARK}")


def suppressions(module: Module) -> list[Suppression]:
    """Return the comments of a file that begin with ``scaleready:``, and the lines they cover.

    A comment at the end of a line speaks for the statement it stands in, one of its own for the
    next line, and above all else for the file as a whole, too: line 0. One that is not of the form
    above has no slugs.
    """
    return list(comments(module.content))


def comments(content: bytes) -> Iterator[Suppression]:
    """Yield the same of source that is not parsed; SyntaxError or TokenError if it is broken."""
    if not any(mark in content for mark in MARKS):
        return
    first, begun = 0, False
    pending: list[tuple[int, str, bool]] = []
    for token in tokenize.tokenize(io.BytesIO(content).readline):
        if token.type == tokenize.COMMENT and (mark := _SHORT.search(token.string)):
            alone = not token.line[: token.start[1]].strip()
            # Another tool's comment may stand before it.
            pending.append((token.start[0], token.string[mark.start() :], alone))
        elif token.type in {tokenize.NEWLINE, tokenize.ENDMARKER}:
            for line, text, alone in pending:
                last = token.start[0]
                covers = range(line if alone else (first or line), last + 1)
                whole = (0,) if alone and not begun and line < (first or last) else ()
                yield suppression(line, text, (*whole, *covers))
            pending, first, begun = [], 0, True
        elif not first and token.type not in _BESIDE:
            first = token.start[0]


def suppression(line: int, text: str, covers: tuple[int, ...]) -> Suppression:
    """Return what a comment says; it has no slugs if it is not of the form above."""
    match = _COMMENT.match(text)
    slugs = (match["slugs"] or "") if match else ""
    words = [slug.strip() for slug in slugs.split(",") if slug.strip()]
    # An id is no slug, and is shown as it was typed.
    named = tuple(word if number_of(word) is not None else word.lower() for word in words)
    reason = _OTHER_TOOLS.sub("", match["reason"]) if match else ""
    return Suppression(line, named, reason.strip(), covers)
