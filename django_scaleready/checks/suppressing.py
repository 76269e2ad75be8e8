"""Taking out what the project's comments silence, and naming those that silence nothing."""

from __future__ import annotations

from collections.abc import Iterable

from django_scaleready.checks.base import Area, Finding, Found, Location, Result, Rule, Severity
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Suppression
from django_scaleready.checks.rules import suppression
from django_scaleready.checks.witnessed import SIBLINGS


def suppress(result: Result, rules: Iterable[Rule], code: Codebase) -> None:
    """Take out of a result what comments silence; one that no longer does is found instead.

    Only comments about rules that ran are judged: the others may well have something to silence,
    and so may those about what nobody came by while a witness watched.
    """
    comments = {
        (source.path, line, slug): comment
        for source in code
        for comment in source.suppressions
        if comment.reason
        for slug in comment.slugs
        for line in comment.covers
    }
    if not comments:
        return
    kept, used = [], set()
    for found in result.found:
        place = found.finding.location
        slugs = (found.rule.slug, *SIBLINGS.get(found.rule.slug, ()))
        silenced = [slug for slug in slugs if (place.path, place.line, slug) in comments]
        if not silenced:
            kept.append(found)
        for slug in silenced:
            used.add((place.path, comments[place.path, place.line, slug].line, slug))
    result.suppressed += len(result.found) - len(kept)
    judged = {rule.slug for rule in rules if rule.area is not Area.RUN}
    stale = {
        (path, comment.line, slug): comment
        for (path, _, slug), comment in comments.items()
        if slug in judged and (path, comment.line, slug) not in used
    }
    left_over = [_stale(path, slug, comment) for (path, _, slug), comment in stale.items()]
    result.found = kept + left_over


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
