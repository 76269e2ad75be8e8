"""Django's ``check``, and ``--deploy-scale``: what would break with two replicas."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.apps import apps
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import (
    CommandError,
    CommandParser,
    DjangoHelpFormatter,
    SystemCheckError,
)
from django.core.management.commands.check import Command as DjangoCommand

from django_scaleready.checks.base import Area, Result
from django_scaleready.checks.baseline import Looked
from django_scaleready.checks.messages import FindingMessage, UnknownMessage, is_serious
from django_scaleready.checks.project import Project
from django_scaleready.checks.reports.build import build
from django_scaleready.checks.reports.options import (
    NAMES,
    OptionsError,
    ReportOptions,
    add_arguments,
    looked_for,
)
from django_scaleready.checks.reports.report import Other, Report
from django_scaleready.checks.wiring import TAG, registered
from django_scaleready.checks.witnessed import WitnessedError, joined, read
from django_scaleready.conf import conf
from django_scaleready.unloadable import EXIT_CODE

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

# The tags of what is looked at on request only, and the option that requests it.
ON_REQUEST = {f"{TAG}-{Area.LIVE}": "live", f"{TAG}-{Area.RUN}": "witnessed"}


class _HelpFormatter(DjangoHelpFormatter, argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of the epilog."""


class Command(DjangoCommand):
    """``manage.py check`` with one more question."""

    help = (
        "Checks the entire Django project for potential problems; with --deploy-scale, also for"
        " state that stays behind in one process or on one disk."
    )

    project: Project | None = None
    total = Result()
    asked = ReportOptions()

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
            type=Path,
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
        try:
            _refuse_what_does_not_fit(app_labels, options)
            self.asked = ReportOptions.of(options)
            self.project = Project(ask_services=options["live"])
            if options["witnessed"] is not None:
                self.project.witnessed = read(options["witnessed"])
            # The app does it at start; `python -m django_scaleready` runs without the app.
            conf.validate()
            with registered(self.project) as self.total:
                super().handle(*app_labels, **options)
        except WitnessedError as error:
            raise CommandError(f"--witnessed {error}.", returncode=EXIT_CODE) from error
        except OptionsError as error:
            raise CommandError(str(error), returncode=EXIT_CODE) from error
        except ImproperlyConfigured as error:
            # Django refuses some settings only when they are read, an empty SECRET_KEY first.
            raise CommandError(str(error), returncode=EXIT_CODE) from error
        except SystemCheckError:
            raise
        except CommandError as error:
            # 1 is for what was found.
            error.returncode = EXIT_CODE
            raise

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
        silenced = len(messages) - len(visible) + self.total.suppressed
        areas = {rule.area for rule in self.total.ran}
        # Of some apps only some source is looked at.
        narrow = {Area.SOURCE} if app_configs is not None else set()
        looked = looked_for(
            [rule for rule in self.total.ran if rule.area not in narrow],
            everything=not tags and app_configs is None,
        )
        report = replace(
            _report(visible, self.project, fail_level, self.asked, looked),
            silenced=silenced,
            ran=tuple(self.total.ran),
            deploy_files=tuple(self.project.deploy.paths) if Area.DEPLOY in areas else None,
            services=self.project.services.names if Area.LIVE in areas else None,
        )
        self.asked.show(report, self.stdout, self.stderr, self._paint)
        if serious := report.failing:
            raise SystemCheckError(f"Failed: {serious} {_word(serious)} at or above --fail-level.")

    def _paint(self, severity: str, text: str) -> str:
        styles = {"error": self.style.ERROR, "critical": self.style.ERROR}
        return styles.get(severity, self.style.WARNING)(text)


def _refuse_what_does_not_fit(app_labels: Sequence[str], options: Mapping[str, Any]) -> None:
    """CommandError for a tag that finds nothing, or an app that is none."""
    for tag, option in ON_REQUEST.items():
        if tag in (options["tags"] or ()) and not options[option]:
            raise CommandError(f"--tag {tag} needs --{option}.")
    for label in app_labels:
        try:
            apps.get_app_config(label)
        except LookupError as error:
            labels = ", ".join(sorted(config.label for config in apps.get_app_configs()))
            raise CommandError(f"{error} There are {labels}.") from error


def _word(number: int) -> str:
    return "message" if number == 1 else "messages"


def _report(
    visible: list[checks.CheckMessage],
    project: Project,
    fail_level: int,
    asked: ReportOptions,
    looked: Looked,
) -> Report:
    found = joined([message.found for message in visible if isinstance(message, FindingMessage)])
    others = [m for m in visible if not isinstance(m, FindingMessage | UnknownMessage)]
    return build(
        found,
        root=project.root,
        serious=lambda finding: is_serious(finding, fail_level),
        known=asked.known,
        looked=looked,
        unknown=[message.unknown for message in visible if isinstance(message, UnknownMessage)],
        others=[_other(message, fail_level) for message in others],
        unknown_fails=fail_level <= checks.WARNING,
        replicas=project.replicas,
    )


def _other(message: checks.CheckMessage, fail_level: int) -> Other:
    names = {checks.CRITICAL: "critical", checks.ERROR: "error", checks.WARNING: "warning"}
    level = next((name for least, name in names.items() if message.level >= least), "info")
    return Other(
        id=message.id,
        level=level,
        message=str(message.msg),
        hint=None if message.hint is None else str(message.hint),
        object=None if message.obj is None else str(message).split(": ", 1)[0],
        shown=str(message),
        fails=message.is_serious(fail_level),
    )
