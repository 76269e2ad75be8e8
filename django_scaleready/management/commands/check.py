"""Django's ``check``, and ``--deploy-scale``: what would break with two replicas."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.core import checks
from django.core.management.base import CommandError, CommandParser, DjangoHelpFormatter
from django.core.management.commands.check import Command as DjangoCommand

from django_scaleready.checks.reports.arguments import NAMES, add_arguments, file_name
from django_scaleready.unloadable import EXIT_CODE

if TYPE_CHECKING:
    from django_scaleready.management.scaled import Scaled

EPILOG = """\
what would break with two replicas:
  check --deploy-scale                        every rule; exit 1 if one finds an error
  check --deploy-scale --fail-level WARNING   stricter, for CI
  check --deploy-scale --format json          for a program; also sarif, junit, github
  check --deploy-scale --format sarif --output scale.sarif
  check --deploy-scale --baseline scale-baseline.json --update-baseline
                              what is found today is known; without --update-baseline, from then
                              on only what is new fails
  check --deploy-scale --tag scaleready       without Django's own checks
  check --deploy-scale --tag scaleready-deploy   only what Procfile and the like say
                              (also: scaleready-settings, scaleready-source)
  check --deploy-scale --witnessed seen.json  also judges what pytest --scaleready saw
                              (tag: scaleready-run)
  check --deploy-scale shop                   source findings of one app
  check --deploy-scale --live                 also asks the databases and Redis servers of the
                              settings; nothing is written to them (tag: scaleready-live)

Every finding has an id (scaleready.E001) and a place; `manage.py scaleready explain E001` explains
it. Silence an id in SILENCED_SYSTEM_CHECKS. Only what is certain (high confidence) fails the check.
Declare what the code cannot know in SCALEREADY: REPLICAS, WORKERS, POOLER, DB_MAX_CONNECTIONS,
SHARED_PATHS. The rules judge the settings as they are in this process, so run it with the
environment of the deployment. --deploy (Django's security checks) is a separate matter; give both
to have both.

exit: 0 nothing at or above --fail-level, 1 something is, 2 the options are wrong, the settings
could not be loaded, or a file that was named could not be read or written.
"""


class _HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the epilog."""


class Command(DjangoCommand):
    """``manage.py check`` with one more question."""

    help = (
        "Checks the entire Django project for potential problems; with --deploy-scale, also for"
        " state that stays behind in one process or on one disk."
    )

    scaled: Scaled | None = None

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the examples below the options."""
        kwargs.setdefault("epilog", EPILOG)
        kwargs.setdefault("formatter_class", _HelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--deploy-scale`` and its options to what Django's command takes."""
        super().add_arguments(parser)
        parser.add_argument(
            "--deploy-scale",
            action="store_true",
            help="Check what would break when the project runs as several replicas.",
        )
        group = parser.add_argument_group("with --deploy-scale")
        group.add_argument(
            "--live",
            action="store_true",
            help="Also ask the running databases and Redis servers; nothing is written to them.",
        )
        group.add_argument(
            "--witnessed",
            type=file_name,
            metavar="FILE",
            help="Also judge what a run saw: FILE of pytest --scaleready --scaleready-output FILE.",
        )
        add_arguments(group)

    def handle(self, *app_labels: Any, **options: Any) -> None:
        """Run Django's command, with the rules in its registry if they are asked for."""
        if not options["deploy_scale"]:
            for name in (*NAMES, "live", "witnessed"):
                if options[name]:
                    text = f"--{name.replace('_', '-')} needs --deploy-scale."
                    raise CommandError(text, returncode=EXIT_CODE)
            super().handle(*app_labels, **options)
            return
        # Not at the top: whoever does not ask for it need not wait for its rules.
        from django_scaleready.management.scaled import Scaled, exit_codes

        with exit_codes():
            self.scaled = Scaled(app_labels, options)
            with self.scaled.registered():
                super().handle(*app_labels, **options)

    def check(  # noqa: PLR0913, PLR0917 - the signature is Django's
        self,
        app_configs: Sequence[Any] | None = None,
        tags: Sequence[str] | None = None,
        display_num_errors: bool = False,
        include_deployment_checks: bool = False,
        fail_level: int = checks.ERROR,
        databases: Sequence[str] | None = None,
    ) -> None:
        """Report; raises SystemCheckError if something is at or above ``fail_level``."""
        if self.scaled is None:
            super().check(
                app_configs,
                tags,
                display_num_errors,
                include_deployment_checks,
                fail_level,
                databases,
            )
            return
        # The checks import the project's views; what those print is no part of the report.
        with contextlib.redirect_stdout(sys.stderr):
            messages = self.scaled.run(
                app_configs=app_configs,
                tags=tags,
                include_deployment_checks=include_deployment_checks,
                databases=databases,
            )
        self.scaled.show(messages, fail_level, self.stdout, self.stderr, self._paint)

    def _paint(self, severity: str, text: str) -> str:
        styles = {"error": self.style.ERROR, "critical": self.style.ERROR}
        return styles.get(severity, self.style.WARNING)(text)
