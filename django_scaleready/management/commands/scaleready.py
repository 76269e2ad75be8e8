"""``manage.py scaleready``: what the kit does on request, a subcommand each."""

from __future__ import annotations

import argparse
import importlib
import sys
from types import ModuleType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser, OutputWrapper

from django_scaleready.checks.reports.output import arriving

# In the order in which --help lists them.
SUBCOMMANDS = ("rules", "explain", "ladder", "weight", "drain", "drill")


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"django_scaleready.management.subcommands.{name}")


class Command(BaseCommand):
    """Hands its arguments to a module of ``management.subcommands``."""

    help = "The tools of django-scaleready; `manage.py scaleready SUBCOMMAND --help` explains one."
    # What is asked of a project in trouble must not depend on the project's checks.
    requires_system_checks: list[str] = []  # noqa: RUF012 - as Django declares it

    def run_from_argv(self, argv: list[str]) -> None:
        """Run, and say so if the output does not arrive."""
        if argv[2:3] == ["drill"]:
            # It writes for minutes by itself, and ends when nobody reads that any more.
            super().run_from_argv(argv)
            return
        with arriving(f"scaleready {' '.join(argv[2:3])}".rstrip()) as stdout:
            self.stdout = OutputWrapper(stdout)
            super().run_from_argv(argv)

    def add_arguments(self, parser: CommandParser) -> None:
        """Give each subcommand a parser of its own."""
        subparsers = parser.add_subparsers(dest="subcommand", metavar="SUBCOMMAND", required=True)
        for name in SUBCOMMANDS:
            module = _module(name)
            subparser = subparsers.add_parser(
                name,
                help=module.HELP,
                description=(module.__doc__ or "").replace("``", "`"),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            module.add_arguments(subparser)

    def handle(self, *_args: Any, **options: Any) -> None:
        """Run the subcommand and end with the exit code that it returns."""
        if code := _module(options["subcommand"]).handle(self, options):
            sys.exit(code)
