"""What the servers counted: the ids of POSTs on their way to a view, by process."""

from __future__ import annotations

from collections import Counter
from pathlib import Path


def executed(directory: Path) -> Counter[str]:
    """Return how often each id reached a view, in all processes of a run.

    ``directory`` is the one that the processes were ordered to report to. A line that is still
    being written has no end yet and is left out.
    """
    counts: Counter[str] = Counter()
    for file in sorted((directory / "executed").glob("*")):
        *whole, _rest = file.read_text().split("\n")
        counts.update(whole)
    return counts
