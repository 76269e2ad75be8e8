"""Running rules over a project; the part of the check that knows neither Django nor a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from django_scaleready.checks.base import Area, Finding, Found, Result, Rule, Severity, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.loading.garbage import uncollected
from django_scaleready.checks.code.running.beside import folders_beside, is_beside
from django_scaleready.checks.project import Project
from django_scaleready.checks.reaching.off import INSTALLED, LISTED
from django_scaleready.checks.shown import said_from, unknown_from
from django_scaleready.checks.suppressing import suppress

__all__ = ["Found", "Result", "run", "run_all"]


# What a finding ends with where names lead nobody to its place.
UNREACHED = " As far as names tell, no replica comes here."
LEFT_OUT = " A replica comes here only where {} is in {}, and it is not."
OFF = " A replica comes here only where {} is on, and it is off."


def _collect(rule: Rule, project: Project, items: list[Finding | Unknown]) -> None:
    before = project.passed_over
    items.extend(rule.find(project))
    if project.passed_over > before:
        items.extend(_unreached(rule, project, items))


def _unreached(rule: Rule, project: Project, items: list[Finding | Unknown]) -> list[Finding]:
    """Return as information what a rule finds where no replica comes; a test may come, or nobody.

    What is a place of something that was found already is not said again.
    """
    found = [item for item in items if isinstance(item, Finding)]
    known = {place for item in found for place in (item.location, *item.related)}
    with project.reaching_all():
        more = [item for item in rule.find(project) if isinstance(item, Finding)]
    return [
        replace(item, severity=Severity.INFO, message=item.message + _why(project, item))
        for item in more
        if item.severity is not Severity.INFO and known.isdisjoint((item.location, *item.related))
    ]


def _why(project: Project, finding: Finding) -> str:
    switch = project.closed_by.get(finding.location)
    for listing in (INSTALLED, LISTED):
        if switch and switch.startswith(listing):
            return LEFT_OUT.format(switch.removeprefix(listing), listing.rstrip("."))
    return OFF.format(switch) if switch else UNREACHED


def _is_beside(project: Project, rule: Rule, finding: Finding) -> bool:
    """Whether code of another program is meant, which only lies in the same repository."""
    if rule.area is not Area.SOURCE or "/" not in finding.location.path:
        return False
    if finding.location.path.startswith(project.code.once(folders_beside)):
        return True
    folders = project.deploy.images.other_folders
    found = next((f for f in folders if finding.location.path.startswith(f)), "")
    return bool(found) and is_beside(project.code, found)


def run(rules: Iterable[Rule], project: Project) -> Result:
    """Run the rules, and take out what the project's comments silence."""
    listed = list(rules)
    result = run_all(listed, project)
    suppress(result, listed, project)
    return result


def run_all(rules: Iterable[Rule], project: Project) -> Result:
    """Run the rules; one that raises is an unknown, keeps what it found, and the others go on."""
    result = Result()
    with uncollected():
        for rule in rules:
            result.ran.append(rule)
            items: list[Finding | Unknown] = []
            failed = attempt(f"{rule.code} {rule.slug}", _collect, rule, project, items)
            for item in [*items, failed]:
                if isinstance(item, Unknown):
                    result.unknown.append(item)
                elif item is not None and not _is_beside(project, rule, item):
                    result.found.append(Found(rule, said_from(project.root, item)))
    unknown = dict.fromkeys([*result.unknown, *project.unknown])
    result.unknown = list(dict.fromkeys(unknown_from(project.root, item) for item in unknown))
    return result
