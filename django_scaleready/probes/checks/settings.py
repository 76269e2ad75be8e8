"""The startup gate's own question: would this release, as it is configured, lose something?"""

from __future__ import annotations

from django.conf import settings

from django_scaleready.probes.checks.broker import celery_app
from django_scaleready.probes.members import CheckFailedError

# What a person who meets it in the log at night has to know.
WAY_OUT = (
    'manage.py check --deploy-scale explains; to serve all the same, give SCALEREADY["PROBES"] a'
    ' "startup" without "settings", or silence the id'
)


class Settings:
    """Run the rules of the check that read settings; errors fail, once and for this process.

    Nothing that it reads changes while a process lives. Silent in development, where SQLite and a
    cache in memory are what one wants.
    """

    def __init__(self) -> None:
        self._verdict: str | None = None

    def __call__(self) -> None:
        if settings.DEBUG:
            return
        if self._verdict is None:
            self._verdict = _verdict()
        if self._verdict:
            raise CheckFailedError(self._verdict)


def _verdict() -> str:
    """Return the errors in one line, "" if there are none."""
    # Not at the top: the rules and the parser below them, for a gate that is passed once.
    from django_scaleready.checks.base import Area, Severity
    from django_scaleready.checks.engine import run
    from django_scaleready.checks.project import Project
    from django_scaleready.checks.registry import RULES

    # Of what this process has loaded: no other process is started to compare the settings with its
    # own, and the source is read only if who uses a local cache or storage makes it an error. The
    # check in CI has the time for the rest.
    project = Project(celery=celery_app())
    project.celery_sites, project.differences = [], []
    silenced = set(settings.SILENCED_SYSTEM_CHECKS)
    # The letter of a rule is the worst that it finds.
    rules = [r for r in RULES if r.area is Area.SETTINGS and r.code.startswith("scaleready.E")]
    errors = [
        f"{found.rule.code} {found.finding.message}"
        for found in run(rules, project).found
        if found.finding.severity is Severity.ERROR and found.rule.code not in silenced
    ]
    return f"{'; '.join(errors)} ({WAY_OUT})" if errors else ""
