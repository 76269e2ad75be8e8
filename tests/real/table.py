"""The table of the documentation: a row for each project."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from real import labels
from real.download import Source

WRITTEN = Path(__file__).with_name("accuracy.md")
ROW = "| {:<12} | {:>9} | {:>8} | {:>5} | {:>9} | {:>10} | {:>11} | {:>5} |"
HEAD = "\n".join(
    [
        ROW.format(
            *("project", "version", "findings", "right", "precision", "files read", "leaks there"),
            "found",
        ),
        "|---|---|---|---|---|---|---|---|",
    ]
)


def row(source: Source, findings: Iterable[dict[str, Any]]) -> str:
    """Return what of the findings above info is right, and what of the sample's leaks is found."""
    judged = labels.judge(findings, labels.verdicts(source))
    read = labels.sample(source)
    leaks = [each for each in read if each.leak]
    return ROW.format(
        source.name,
        source.version,
        judged.right + judged.wrong,
        judged.right,
        f"{judged.precision:.2f}",
        len({each.path for each in read}),
        len(leaks),
        sum(each.found is not None for each in leaks),
    )
