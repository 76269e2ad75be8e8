"""How far a long run is, for whoever sits before it."""

from __future__ import annotations

import os
import sys
import time
from typing import TextIO

# Nothing is shown of a run that is over sooner; then a few times a second.
PATIENCE, EVERY = 0.5, 0.1


class Progress:
    """One line on a terminal, gone when all is read."""

    def __init__(self, stream: TextIO) -> None:
        """Take a terminal."""
        self._stream = stream
        self._due = time.monotonic() + PATIENCE
        self._width = 0

    def __call__(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` files are read."""
        if done >= total:
            text = ""
        elif time.monotonic() >= self._due:
            text = f"Reading {done:,} of {total:,} files ..."
            self._due = time.monotonic() + EVERY
        else:
            return
        if text or self._width:
            self._stream.write(f"\r{text.ljust(self._width)}{'' if text else chr(13)}")
            self._stream.flush()
            self._width = len(text)


def on_terminal() -> Progress | None:
    """Return what shows progress on stderr; None if that is no terminal, or cannot go back."""
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        return None
    return Progress(sys.stderr)
