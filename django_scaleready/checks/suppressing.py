"""Taking out what the project's comments silence, and naming those that silence nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Found, Location, Result, Rule, Severity
from django_scaleready.checks.code.summary import Suppression
from django_scaleready.checks.deployment.formats.comments import comments
from django_scaleready.checks.rules import suppression
from django_scaleready.checks.witnessed import SIBLINGS

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def suppress(result: Result, rules: Collection[Rule], project: Project) -> None:
    """Take out of a result what comments silence; one that no longer does is found instead.

    Only comments about rules that ran are judged: the others may well have something to silence,
    and so may those about what nobody came by while a witness watched.
    """
    known = {
        (path, line, slug): comment
        for path, comment in _comments(rules, project)
        if comment.reason
        for slug in comment.slugs
        for line in comment.covers
    }
    if not known:
        return
    kept, used = [], set()
    for found in result.found:
        place = found.finding.location
        slugs = (found.rule.slug, *SIBLINGS.get(found.rule.slug, ()))
        silenced = [slug for slug in slugs if (place.path, place.line, slug) in known]
        if not silenced:
            kept.append(found)
        for slug in silenced:
            used.add((place.path, known[place.path, place.line, slug].line, slug))
    result.suppressed += len(result.found) - len(kept)
    judged = {rule.slug for rule in rules if rule.area is not Area.RUN}
    stale = {
        (path, comment.line, slug): comment
        for (path, _, slug), comment in known.items()
        if slug in judged and (path, comment.line, slug) not in used
    }
    left_over = [_stale(path, slug, comment) for (path, _, slug), comment in stale.items()]
    result.found = kept + left_over


def _comments(rules: Collection[Rule], project: Project) -> Iterator[tuple[str, Suppression]]:
    for source in project.code:
        for comment in source.suppressions:
            yield source.path, comment
    if any(rule.area is Area.DEPLOY for rule in rules):
        yield from comments(project.deploy.files)


def _stale(path: str, slug: str, comment: Suppression) -> Found:
    return Found(
        suppression.RULE,
        Finding(
            message=f"This comment silences {slug}, which finds nothing here.",
            hint="Take the comment out, so that it does not silence what comes next.",
            location=Location(path, comment.line),
            severity=Severity.WARNING,
        ),
    )
