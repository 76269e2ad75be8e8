"""Where a report goes: a terminal, a pipe whose reader may leave, a full disk."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol, TextIO, cast

# What a pipe or a file gets, and a terminal that is wider: longer lines are hard to read.
WIDTH = 100
# Below this nothing reads well any more, so let the terminal break the lines.
_NARROWEST = 30


class UnwrittenError(Exception):
    """The output did not arrive; the message says why."""


class Writer(Protocol):
    """A stream, or Django's wrapper of one."""

    def write(self, text: str, /) -> object:
        """Write a text that ends a line."""

    def flush(self) -> object:
        """Let it out."""


def put(text: str, stream: Writer | None) -> None:
    """Write it all; UnwrittenError if there is no room for it, or no stream.

    A character that the stream's encoding lacks, a byte of a file's name for instance, is written
    as an escape. A reader that has seen enough (``| head``) is no error.
    """
    if stream is None or getattr(stream, "_out", stream) is None:
        # Python has no stream where stdout was closed before (`>&-`); Django wraps even that.
        raise UnwrittenError(os.strerror(errno.EBADF))
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding))
        stream.flush()
    except OSError as error:
        let_go(stream)
        if not isinstance(error, BrokenPipeError):
            raise UnwrittenError(error.strerror) from error


def let_go(stream: Any) -> None:
    """Send what is still buffered to nowhere: at exit, writing it would fail once more."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


@contextmanager
def arriving(program: str) -> Iterator[Any]:
    """Replace stdout by one whose output arrives, or is said not to: on stderr, with exit code 2.

    Python's own keeps it back, and fails with a traceback at exit or with none and code 120.
    """
    stdout = sys.stdout
    checked = _Checked(stdout)
    sys.stdout = cast("TextIO", checked)
    try:
        yield checked
    except UnwrittenError as error:
        sys.stderr.write(f"{program}: The output could not be written: {error}.\n")
        raise SystemExit(2) from error
    finally:
        sys.stdout = stdout


class _Checked:
    """Lets each text out at once; UnwrittenError where that fails."""

    def __init__(self, stream: Any) -> None:
        """Take Python's stdout, which is None where it was closed."""
        self._stream = stream

    def write(self, text: str, /) -> int:
        put(text, self._stream)
        return len(text)

    def flush(self) -> None:
        """Nothing is kept back."""

    def isatty(self) -> bool:
        return self._stream is not None and self._stream.isatty()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def width(stream: Any) -> int:
    """Return how many columns a text may take there."""
    isatty = getattr(stream, "isatty", None)
    if isatty is None or not isatty():
        return WIDTH
    from shutil import get_terminal_size

    return max(_NARROWEST, min(WIDTH, get_terminal_size().columns))
