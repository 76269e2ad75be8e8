"""``python -m real`` in ``tests/``: what the check gets right and misses in real projects.

sample      print the files of each project that were chosen at random to be read
unlabelled  print a line of ``<project>.jsonl`` for each finding that has none, to be completed
accuracy    print the table of the documentation: ``python -m real accuracy > real/accuracy.md``
sites       print the table of what readers said of whole sites: ``> real/sites.md``; with
            --checkouts, what the check says today of those that are there, at their commit
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from real import labels, sites, table
from real.download import SOURCES, DownloadError, Source, unpacked
from real.sampling import sampled


def main(arguments: list[str]) -> int:
    """Return 0, or 1 if a project is not to be had."""
    parser = argparse.ArgumentParser(
        "python -m real",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("what", choices=["sample", "unlabelled", "accuracy", "sites"])
    parser.add_argument("projects", nargs="*", help="by default all of them")
    parser.add_argument(
        "--checkouts", type=Path, metavar="DIR", help="a folder with sites, each in one of its name"
    )
    asked = parser.parse_args(arguments)
    if asked.what == "sites":
        return _sites(asked.projects, asked.checkouts)
    sources = [s for s in SOURCES if s.name in asked.projects or not asked.projects]
    show = {"sample": _sample, "unlabelled": _unlabelled, "accuracy": _accuracy}[asked.what]
    if asked.what == "accuracy":
        print(table.HEAD)
    try:
        for source in sources:
            show(source)
    except DownloadError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _sites(names: list[str], checkouts: Path | None) -> int:
    read = [site for site in sites.sites() if site.name in names or not names]
    for line in sites.today(read, checkouts) if checkouts else [sites.table(read)]:
        print(line, flush=True)
    return 0


def _sample(source: Source) -> None:
    root = unpacked(source)
    for path in sampled(source, root):
        print(root / path)


def _unlabelled(source: Source) -> None:
    findings = labels.scan(unpacked(source))
    judged = labels.judge(findings, labels.verdicts(source))
    for place in judged.unlabelled:
        print(json.dumps({**place._asdict(), "verdict": "", "reason": ""}))
    for place in judged.stale:
        print("no longer found:", *place, file=sys.stderr)


def _accuracy(source: Source) -> None:
    print(table.row(source, labels.scan(unpacked(source))))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
