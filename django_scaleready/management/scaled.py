"""``check --deploy-scale``, imported when it is asked for: Django's ``check`` needs no rules."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core import checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError, OutputWrapper, SystemCheckError

from django_scaleready.checks.base import Area, Result
from django_scaleready.checks.baseline import Looked
from django_scaleready.checks.messages import FindingMessage, UnknownMessage, is_serious
from django_scaleready.checks.project import Project
from django_scaleready.checks.reports.build import build
from django_scaleready.checks.reports.options import OptionsError, ReportOptions, looked_for
from django_scaleready.checks.reports.report import Other, Report
from django_scaleready.checks.wiring import TAG, registered
from django_scaleready.checks.witnessed import WitnessedError, joined, read
from django_scaleready.conf import conf
from django_scaleready.management.guarded import Guarded
from django_scaleready.shapes import faults
from django_scaleready.unloadable import EXIT_CODE

SILENCED = "SILENCED_SYSTEM_CHECKS"
# The tags of what is looked at on request only, and the option that requests it.
ON_REQUEST = {f"{TAG}-{Area.LIVE}": "live", f"{TAG}-{Area.RUN}": "witnessed"}


class Scaled:
    """One run: what is looked at, and how the report is asked for."""

    def __init__(self, app_labels: Sequence[str], options: Mapping[str, Any]) -> None:
        """Take parsed arguments; raises what ``exit_codes`` translates."""
        _refuse_what_does_not_fit(app_labels, options)
        self.total = Result()
        self._asked = ReportOptions.of(options)
        self._everything = not options["tags"] and not app_labels
        # Of some apps only some source is looked at.
        self._narrow = {Area.SOURCE} if app_labels else set()
        self._project = Project(ask_services=options["live"])
        if options["witnessed"] is not None:
            self._project.witnessed = read(options["witnessed"])
        # The app does it at start; `python -m django_scaleready` runs without the app.
        conf.validate()
        for fault in faults(SILENCED, getattr(settings, SILENCED)):
            # Django looks an id up in a string as well, and finds a part of it.
            raise CommandError(f"{fault.setting}: {fault.problem}.")

    @contextmanager
    def registered(self) -> Iterator[None]:
        """The rules in Django's check registry."""
        with registered(self._project) as self.total:
            yield

    def run(self, **asked: Any) -> list[checks.CheckMessage]:
        """Run the registered checks that Django's ``run_checks`` would, one that raises too."""
        return Guarded(self._project.root).run_checks(**asked)

    def show(
        self,
        messages: Sequence[checks.CheckMessage],
        fail_level: int,
        stdout: OutputWrapper,
        stderr: OutputWrapper,
        paint: Callable[[str, str], str],
    ) -> None:
        """Report; raises SystemCheckError if something is at or above ``fail_level``."""
        visible = [message for message in messages if not message.is_silenced()]
        silenced = len(messages) - len(visible) + self.total.suppressed
        areas = {rule.area for rule in self.total.ran}
        looked = looked_for(
            [rule for rule in self.total.ran if rule.area not in self._narrow],
            everything=self._everything,
        )
        report = replace(
            self._report(visible, fail_level, looked),
            silenced=silenced,
            ran=tuple(self.total.ran),
            deploy_files=tuple(self._project.deploy.paths) if Area.DEPLOY in areas else None,
            services=self._project.services.names if Area.LIVE in areas else None,
        )
        self._asked.show(report, stdout, stderr, paint)
        if serious := report.failing:
            raise SystemCheckError(f"Failed: {serious} {_word(serious)} at or above --fail-level.")

    def _report(
        self, visible: Sequence[checks.CheckMessage], fail_level: int, looked: Looked
    ) -> Report:
        found = [message.found for message in visible if isinstance(message, FindingMessage)]
        others = [m for m in visible if not isinstance(m, FindingMessage | UnknownMessage)]
        return build(
            joined(found),
            root=self._project.root,
            serious=lambda finding: is_serious(finding, fail_level),
            known=self._asked.known,
            looked=looked,
            unknown=[message.unknown for message in visible if isinstance(message, UnknownMessage)],
            others=[_other(message, fail_level) for message in others],
            unknown_fails=fail_level <= checks.WARNING,
            replicas=self._project.replicas,
        )


@contextmanager
def exit_codes() -> Iterator[None]:
    """Make a CommandError with code 2 of what stands in the way; 1 is for what was found."""
    try:
        yield
    except WitnessedError as error:
        raise CommandError(f"--witnessed {error}.", returncode=EXIT_CODE) from error
    except (OptionsError, ImproperlyConfigured) as error:
        # What SCALEREADY declares is refused when it is read, where the app is not installed.
        raise CommandError(str(error), returncode=EXIT_CODE) from error
    except SystemCheckError:
        raise
    except CommandError as error:
        error.returncode = EXIT_CODE
        raise


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
