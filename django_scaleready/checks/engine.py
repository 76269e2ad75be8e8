"""Running rules over a project; the part of the check that knows neither Django nor a terminal."""

from __future__ import annotations

from collections.abc import Iterable

from django_scaleready.checks.base import Area, Finding, Found, Result, Rule, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.beside import folders_beside
from django_scaleready.checks.code.garbage import uncollected
from django_scaleready.checks.project import Project
from django_scaleready.checks.suppressing import suppress

__all__ = ["Found", "Result", "run", "run_all"]


def _collect(rule: Rule, project: Project, items: list[Finding | Unknown]) -> None:
    items.extend(rule.find(project))


def _is_beside(project: Project, rule: Rule, finding: Finding) -> bool:
    """Whether code of another program is meant, which only lies in the same repository."""
    if rule.area is not Area.SOURCE or "/" not in finding.location.path:
        return False
    return finding.location.path.startswith(project.code.once(folders_beside))


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
                    result.found.append(Found(rule, item))
    result.unknown = list(dict.fromkeys([*result.unknown, *project.unknown]))
    return result
