"""Python that is newer than the one which runs here, rewritten so that it can be read.

A project may ask for a newer Python than its check has. What is rewritten keeps its line: type
parameters go, exceptions get their parentheses, and an f-string that the parser refuses becomes the
text that it begins with.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.util import decode_source
from typing import NamedTuple

# Each of them costs a pass of the parser.
TRIES = 40
# What is wrong with Python 2, and with no newer one.
OLDER = "Missing parentheses in call to"
READER = (
    f"Python {sys.version_info.major}.{sys.version_info.minor} read it: if the project asks for a"
    " newer one, run the check with that"
)
_TOKEN = re.compile(r"#[^\n]*|(?P<prefix>(?:\b[A-Za-z]{1,2})?)(?P<quote>\"\"\"|'''|\"|')")
_OPEN, _CLOSE = "{[(", ")]}"
_REWRITES = (
    # PEP 758: except A, B:
    (
        re.compile(r"^(\s*except\*?[ \t]+)([^():\n]+,[^():\n]+?)([ \t]*:)", re.MULTILINE),
        r"\1(\2)\3",
    ),
    # PEP 695: type X[T] = ..., def f[T](x), class C[T: int](B)
    (re.compile(r"^(\s*)type[ \t]+(\w+)(?:\[[^\n]*?\])?[ \t]*=", re.MULTILINE), r"\1\2 ="),
    (
        re.compile(r"^(\s*(?:async[ \t]+)?(?:def|class)[ \t]+\w+)\[[^\n]*?\]([(:])", re.MULTILINE),
        r"\1\2",
    ),
)


class _Literal(NamedTuple):
    start: int
    end: int
    formatted: bool
    # Where its text begins.
    inner: int


def parse(content: bytes, path: str) -> ast.Module:
    """Return the tree of a file.

    SyntaxError, the first one, if no rewriting helps: it names the Python that read the file.
    """
    try:
        return ast.parse(content, path)
    except SyntaxError as error:
        try:
            text = decode_source(content)
        except (SyntaxError, ValueError):
            # No text for any Python.
            raise error from None
        try:
            return _rewritten(text, path)
        except (SyntaxError, ValueError):
            if "\0" not in text and not error.msg.startswith(OLDER):
                error.msg += f" ({READER})"
            raise error from None


def _rewritten(text: str, path: str) -> ast.Module:
    for pattern, replacement in _REWRITES:
        text = pattern.sub(replacement, text)
    for _ in range(TRIES):
        try:
            return ast.parse(text, path)
        except SyntaxError as error:
            changed = _without(text, error.lineno or 0)
            if changed == text:
                raise
            text = changed
    return ast.parse(text, path)


def _without(text: str, line: int) -> str:
    """Return a text whose f-strings on a line are plain strings."""
    parts, position = [], 0
    for literal in _literals(text):
        first = text.count("\n", 0, literal.start) + 1
        last = first + text.count("\n", literal.start, literal.end)
        if literal.formatted and first <= line <= last:
            begins = re.split(r"[{\\\n]", text[literal.inner : literal.end], maxsplit=1)[0]
            # The lines below stay where they are.
            parts += [
                text[position : literal.start],
                repr(begins.rstrip("\"'")),
                "\\\n" * (last - first),
            ]
            position = literal.end
    return "".join([*parts, text[position:]])


def _literals(text: str) -> Iterator[_Literal]:
    position = 0
    while match := _TOKEN.search(text, position):
        position = match.end()
        if quote := match["quote"]:
            formatted = bool({"f", "t"} & {*match["prefix"].lower()})
            position = _end(text, position, quote, formatted)
            yield _Literal(match.start(), position, formatted, match.end())


def _end(text: str, position: int, quote: str, formatted: bool) -> int:
    """Return where a literal ends that began before a position; ValueError if it does not."""
    depth = 0
    while position < len(text):
        if not depth and text.startswith(quote, position):
            return position + len(quote)
        sign = text[position]
        if depth and (match := _TOKEN.match(text, position)) and match["quote"]:
            nested = bool({"f", "t"} & {*match["prefix"].lower()})
            position = _end(text, match.end(), match["quote"], nested)
            continue
        if not depth and (sign == "\\" or (formatted and text.startswith(("{{", "}}"), position))):
            position += 1
        elif formatted and sign in (_OPEN if depth else "{"):
            depth += 1
        elif depth and sign in _CLOSE:
            depth -= 1
        position += 1
    raise ValueError("a literal that does not end")
