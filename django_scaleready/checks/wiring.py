"""The rules in Django's check registry, for the length of one run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage
from django.core.checks.registry import registry

from django_scaleready.checks.base import Area, Rule
from django_scaleready.checks.engine import Result, run
from django_scaleready.checks.messages import as_messages
from django_scaleready.checks.project import Project
from django_scaleready.checks.registry import RULES

TAG = "scaleready"


@contextmanager
def registered(project: Project, rules: Sequence[Rule] = RULES) -> Iterator[Result]:
    """Register the rules, one check for each area, and take them out again.

    They are never there otherwise: ``runserver`` and ``migrate`` run what is registered. Yields
    what messages do not tell, and grows as they run: which rules have, and how many findings the
    project's comments silence.
    """
    total = Result()
    areas = [area for area in Area if _is_asked(area, project)]
    checks = [_check(area, [r for r in rules if r.area is area], project, total) for area in areas]
    for area, check in zip(areas, checks, strict=True):
        registry.register(check, TAG, f"{TAG}-{area}")
    try:
        yield total
    finally:
        for check in checks:
            registry.registered_checks.discard(check)


def _is_asked(area: Area, project: Project) -> bool:
    """Whether an area has anything to judge: servers that may be asked, what a witness wrote."""
    asked = {Area.LIVE: project.ask_services, Area.RUN: project.witnessed is not None}
    return asked.get(area, True)


def _check(
    area: Area, rules: list[Rule], project: Project, total: Result
) -> Callable[..., list[CheckMessage]]:
    def check(app_configs: Iterable[AppConfig] | None = None, **_: Any) -> list[CheckMessage]:
        result = run(rules, project)
        total.ran.extend(result.ran)
        total.suppressed += result.suppressed
        if area is Area.SOURCE and app_configs is not None:
            _keep_apps(result, app_configs, project.root)
        return as_messages(result)

    # They run by name, so that two runs report alike.
    check.__qualname__ = f"{TAG}-{area}"
    return check


def _keep_apps(result: Result, app_configs: Iterable[AppConfig], root: Path) -> None:
    """Keep what lies in the apps that were asked for; settings belong to all of them."""
    folders = [Path(app.path).resolve() for app in app_configs]

    def wanted(path: str) -> bool:
        return any((root / path).is_relative_to(folder) for folder in folders)

    result.found = [found for found in result.found if wanted(found.finding.location.path)]
