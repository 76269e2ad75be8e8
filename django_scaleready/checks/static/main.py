"""`python -m django_scaleready scan PATH`: what would break, without importing the project.

It reads the settings, the code and the deploy files of a repository whose settings cannot be loaded
here: no environment, no database, not even the packages it needs. The findings and the report are
those of `check --deploy-scale`, as far as reading tells.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from django_scaleready.checks.base import Confidence, Finding, Severity
from django_scaleready.checks.reports.arguments import add_arguments
from django_scaleready.checks.reports.build import build
from django_scaleready.checks.reports.options import OptionsError, ReportOptions, looked_for
from django_scaleready.checks.static.scan import scan

EPILOG = """\
examples:
  scan .                              exit 1 if one finding is an error
  scan . --fail-level WARNING         stricter, for CI
  scan . --format json                for a program; also sarif, junit, github
  scan . --format sarif --output scale.sarif
  scan . --baseline scale-baseline.json --update-baseline
                                      what is found today is known; without --update-baseline, from
                                      then on only what is new fails

Every finding has an id (scaleready.E001) and a place; `manage.py scaleready explain E001` explains
it. Only what is certain (high confidence) fails the scan.

Every settings module that a deployment may use is judged: those that are not called dev, local,
test or the like, and those that deploy files name. The environment is taken to be empty.

exit: 0 nothing at or above --fail-level, 1 something is, 2 the options are wrong, or a file that
was named could not be read or written.
"""
LEVELS = {"INFO": Severity.INFO, "WARNING": Severity.WARNING, "ERROR": Severity.ERROR}
RANKS = list(Severity)


def main(arguments: list[str]) -> int:
    """Scan and report; returns the exit code."""
    options = vars(_parser().parse_args(arguments))
    root: Path = options["path"]
    try:
        os.listdir(root)  # noqa: PTH208 - only to see whether it may be read
    except OSError as error:
        sys.stderr.write(f"scan: {root}: {error.strerror}.\n")
        return 2
    root = root.resolve()
    try:
        asked = ReportOptions.of(options)
        result = scan(root)
        least = RANKS.index(LEVELS[options["fail_level"]])

        def serious(finding: Finding) -> bool:
            high = finding.confidence is Confidence.HIGH
            return high and RANKS.index(finding.severity) <= least

        report = build(
            result.found,
            root=root,
            serious=serious,
            known=asked.known,
            looked=looked_for(result.ran),
            unknown=result.unknown,
            silenced=result.suppressed,
            ran=result.ran,
            deploy_files=result.deploy_files,
            replicas=result.replicas,
            unknown_fails=least >= RANKS.index(Severity.WARNING),
        )
        asked.show(report, sys.stdout, sys.stderr, _paint(options["no_color"]))
    except OptionsError as error:
        sys.stderr.write(f"scan: {error}\n")
        return 2
    return 1 if report.failing else 0


def _paint(never: bool) -> Callable[[str, str], str]:
    """Return what colours a severity as Django's commands do: on a terminal only."""
    if never or not sys.stdout.isatty():
        return lambda _, text: text
    # Django's commands come with it; a pipe is spared their import.
    from django.core.management.color import color_style

    style = color_style()
    colours = {"error": style.ERROR}
    return lambda severity, text: colours.get(severity, style.WARNING)(text)


def _folder(text: str) -> Path:
    if not text:
        raise argparse.ArgumentTypeError("got '', accepts the path of a folder")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "python -m django_scaleready scan",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", type=_folder, help="the repository's folder")
    parser.add_argument(
        "--fail-level",
        choices=LEVELS,
        default="ERROR",
        help="The least severity that makes the exit code 1 (default: ERROR).",
    )
    parser.add_argument("--no-color", action="store_true", help="No colours, even on a terminal.")
    add_arguments(parser)
    return parser
