"""Where a report goes: a terminal, a pipe whose reader may leave, a full disk."""

from __future__ import annotations

import os
import shutil
from typing import Any, Protocol

# What a pipe or a file gets, and a terminal that is wider: longer lines are hard to read.
WIDTH = 100
# Below this nothing reads well any more, so let the terminal break the lines.
_NARROWEST = 30


class Writer(Protocol):
    """A stream, or Django's wrapper of one."""

    def write(self, text: str, /) -> object:
        """Write a text that ends a line."""

    def flush(self) -> object:
        """Let it out."""


def put(text: str, stream: Writer) -> None:
    """Write it all; OSError if there is no room for it.

    A character that the stream's encoding lacks, a byte of a file's name for instance, is written
    as an escape. A reader that has seen enough (``| head``) is no error.
    """
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError as error:
        let_go(stream)
        if not isinstance(error, BrokenPipeError):
            raise


def let_go(stream: Any) -> None:
    """Send what is still buffered to nowhere: at exit, writing it would fail once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def width(stream: Any) -> int:
    """Return how many columns a text may take there."""
    isatty = getattr(stream, "isatty", None)
    if isatty is None or not isatty():
        return WIDTH
    return max(_NARROWEST, min(WIDTH, shutil.get_terminal_size().columns))
