"""The options of every command that makes a report; imports nothing that a report is made of."""

from __future__ import annotations

import argparse
from pathlib import Path

NAMES = ("format", "output", "baseline", "update_baseline")
FORMATS = ("text", "json", "sarif", "github", "junit")


def file_name(text: str) -> Path:
    """Return a path; of an empty text, an unset variable mostly, Path makes the folder here."""
    if not text:
        raise argparse.ArgumentTypeError("got '', accepts the path of a file")
    return Path(text)


def add_arguments(parser: argparse._ActionsContainer) -> None:
    """Add --format, --output, --baseline and --update-baseline."""
    parser.add_argument("--format", choices=FORMATS, help="How to report (default: text).")
    parser.add_argument(
        "--output", type=file_name, metavar="FILE", help="Write the report there, not to stdout."
    )
    parser.add_argument(
        "--baseline",
        type=file_name,
        metavar="FILE",
        help="Fail only because of what is not in FILE.",
    )
    parser.add_argument(
        "--update-baseline",
        action="store_true",
        help="Write what is found now to the FILE of --baseline.",
    )
