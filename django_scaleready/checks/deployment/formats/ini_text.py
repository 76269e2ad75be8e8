"""Files of sections with ``key = value``: uWSGI, supervisord, systemd. Keys may be repeated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """One ``key = value`` with its 1-based line; ``value`` is "" for a key alone."""

    section: str
    key: str
    value: str
    line: int


class _Lines:
    """The lines of a text, and which of them was read last."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = lines
        self.line = 0

    def __iter__(self) -> Iterator[str]:
        for text in self._lines:
            self.line += 1
            yield text


def entries(text: str, *, comments: tuple[str, ...] = ()) -> list[Entry]:
    """Return the entries in their order; ValueError if the text has no such form.

    ``comments``: what begins a comment behind a value.
    """
    import configparser

    lines = _Lines(_joined(text.splitlines()))
    parser = configparser.RawConfigParser(
        strict=False,
        allow_no_value=True,
        delimiters=("=",),
        inline_comment_prefixes=comments or None,
        empty_lines_in_values=False,
        default_section="",
    )
    # The parser asks for the form of each key as soon as it has read it, which tells the line, and
    # keeps a key that is given again.
    parser.optionxform = lambda optionstr: f"{optionstr.strip()}\n{lines.line}"  # type: ignore[method-assign]  # meant to be replaced
    try:
        parser.read_file(lines)
    except configparser.Error as error:
        raise ValueError(" ".join(str(error).split())) from error
    found = []
    for section in parser.sections():
        for option, value in parser.items(section):
            key, _, line = option.partition("\n")
            found.append(Entry(section, key, value or "", int(line)))
    return sorted(found, key=lambda entry: entry.line)


def _joined(lines: list[str]) -> Iterator[str]:
    """Join what a backslash continues, as systemd does, and keep the count of lines."""
    held, skipped = "", 0
    for line in lines:
        if held and line.lstrip()[:1] in {"#", ";"}:
            # systemd.syntax(7): it neither ends the value nor is a part of it.
            skipped += 1
            continue
        if line.endswith("\\"):
            held += line[:-1].rstrip() + " " if not held else line[:-1].strip() + " "
            skipped += 1
            continue
        yield held + (line.strip() if held else line)
        yield from ["#"] * skipped
        held, skipped = "", 0
    if held:
        yield held
