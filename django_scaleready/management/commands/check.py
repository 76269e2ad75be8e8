"""Django's ``check``, and ``--deploy-scale``: what would break with two replicas."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import (
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
    SystemCheckError,
)
from django.core.management.commands.check import Command as DjangoCommand

from django_scaleready.checks.messages import FindingMessage, UnknownMessage
from django_scaleready.checks.project import Project
from django_scaleready.checks.reports.json import as_json
from django_scaleready.checks.reports.report import Other, Report, in_order
from django_scaleready.checks.reports.text import as_text
from django_scaleready.checks.wiring import registered
from django_scaleready.conf import conf
from django_scaleready.unloadable import EXIT_CODE

EPILOG = """\
what would break with two replicas:
  check --deploy-scale                        every rule; exit 1 if one finds an error
  check --deploy-scale --fail-level WARNING   stricter, for CI
  check --deploy-scale --format json          for a program; nothing else goes to stdout
  check --deploy-scale --tag scaleready       without Django's own checks
  check --deploy-scale --tag scaleready-deploy   only what Procfile and the like say
                              (also: scaleready-settings, scaleready-source)
  check --deploy-scale shop                   source findings of one app

Every finding has an id (scaleready.E001) and a place. Silence an id in SILENCED_SYSTEM_CHECKS.
Declare what the code cannot know in SCALEREADY: REPLICAS, WORKERS, POOLER, DB_MAX_CONNECTIONS,
SHARED_PATHS. The rules judge the settings as they are in this process, so run it with the
environment of the deployment. --deploy (Django's security checks) is a separate matter; give both
to have both.

exit: 0 nothing at or above --fail-level, 1 something is, 2 the settings could not be loaded.
"""


class _HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the epilog."""


class Command(DjangoCommand):
    """``manage.py check`` with one more question."""

    help = (
        "Checks the entire Django project for potential problems; with --deploy-scale, also for"
        " state that stays behind in one process or on one disk."
    )

    project: Project | None = None
    format: str = "text"

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """Add the examples below the options."""
        kwargs.setdefault("epilog", EPILOG)
        kwargs.setdefault("formatter_class", _HelpFormatter)
        return super().create_parser(prog_name, subcommand, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--deploy-scale`` and ``--format`` to what Django's command takes."""
        super().add_arguments(parser)
        parser.add_argument(
            "--deploy-scale",
            action="store_true",
            help="Check what would break when the project runs as several replicas.",
        )
        parser.add_argument(
            "--format",
            choices=["text", "json"],
            help="How --deploy-scale reports (default: text). Refused without --deploy-scale.",
        )

    def handle(self, *app_labels: Any, **options: Any) -> None:
        """Run Django's command, with the rules in its registry if they are asked for."""
        if not options["deploy_scale"]:
            if options["format"]:
                raise CommandError("--format needs --deploy-scale.")
            super().handle(*app_labels, **options)
            return
        self.project = Project()
        self.format = options["format"] or "text"
        try:
            # The app does it at start; `python -m django_scaleready` runs without the app.
            conf.validate()
            with registered(self.project):
                super().handle(*app_labels, **options)
        except ImproperlyConfigured as error:
            # Django refuses some settings only when they are read, an empty SECRET_KEY first.
            raise CommandError(str(error), returncode=EXIT_CODE) from error

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
        if self.project is None:
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
            messages = checks.run_checks(
                app_configs=app_configs,
                tags=tags,
                include_deployment_checks=include_deployment_checks,
                databases=databases,
            )
        visible = [message for message in messages if not message.is_silenced()]
        report = _report(visible, len(messages) - len(visible), self.project)
        shown = as_json(report) if self.format == "json" else as_text(report, self._paint)
        self.stdout.write(shown, ending="")
        self.stdout.flush()
        if serious := sum(1 for message in visible if message.is_serious(fail_level)):
            raise SystemCheckError(f"Failed: {serious} {_word(serious)} at or above --fail-level.")

    def _paint(self, severity: str, text: str) -> str:
        styles = {"error": self.style.ERROR, "critical": self.style.ERROR}
        return styles.get(severity, self.style.WARNING)(text)


def _word(number: int) -> str:
    return "message" if number == 1 else "messages"


def _report(visible: list[checks.CheckMessage], silenced: int, project: Project) -> Report:
    unknown = [message.unknown for message in visible if isinstance(message, UnknownMessage)]
    return Report(
        found=in_order([m.found for m in visible if isinstance(m, FindingMessage)]),
        # Each area notes what it could not read, and two may have read the same file.
        unknown=tuple(dict.fromkeys(unknown)),
        others=tuple(
            _other(m) for m in visible if not isinstance(m, FindingMessage | UnknownMessage)
        ),
        silenced=silenced,
        replicas=max(project.replicas or 2, 2),
    )


def _other(message: checks.CheckMessage) -> Other:
    names = {checks.CRITICAL: "critical", checks.ERROR: "error", checks.WARNING: "warning"}
    level = next((name for least, name in names.items() if message.level >= least), "info")
    return Other(
        id=message.id,
        level=level,
        message=str(message.msg),
        hint=None if message.hint is None else str(message.hint),
        object=None if message.obj is None else str(message).split(": ", 1)[0],
        shown=str(message),
    )
