"""``python -m django_scaleready scan PATH``: the rules over a repository that is not imported."""

from __future__ import annotations

import ast
import functools
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from django.conf import settings

from django_scaleready.checks.base import Area, Rule, Severity, Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.loading.load import load
from django_scaleready.checks.deployment.view import Deployment
from django_scaleready.checks.engine import Found, Result, run_all
from django_scaleready.checks.places import relative
from django_scaleready.checks.progress import on_terminal
from django_scaleready.checks.registry import COLLECTORS, RULES
from django_scaleready.checks.shown import unknown_from
from django_scaleready.checks.static.apart import apart
from django_scaleready.checks.static.developers import as_information, is_for_developers
from django_scaleready.checks.static.given import scripted
from django_scaleready.checks.static.project import StaticProject
from django_scaleready.checks.static.reader.definitions import Settings
from django_scaleready.checks.static.reader.holders import WHOLE
from django_scaleready.checks.static.reader.modules import Reader
from django_scaleready.checks.static.reader.others import Others
from django_scaleready.checks.static.roots import Roots
from django_scaleready.checks.suppressing import suppress

# In fewer files the rules are done before another process would be.
WORTH_A_FORK = 500
# Rules over the settings that ask where in the code a replica comes. To tell that once takes as
# long as all the rest; each process would have to do it.
ASKING = frozenset({"email-no-timeout", "media-extra", "media-local", "redis-no-timeout"})
NO_CODE = Unknown("source", "no Python file of the project's own was found, nor a deploy file")
NO_SETTINGS = Unknown("settings", "no module that holds the settings was found")


def scan(root: Path, rules: Iterable[Rule] = RULES) -> Result:
    """Return what the rules find in a folder.

    Each settings module that a deployment may use is judged; what they share is reported once.
    """
    root = root.resolve()
    if not settings.configured:
        # Some rules ask for figures that the environment or SCALEREADY declares; here nothing does.
        settings.configure()
    code = load(root, COLLECTORS, progress=on_terminal())
    result = Result()
    deploy = Deployment(root)
    roots = Roots(root, code, deploy)
    projects = [
        StaticProject(root, code, module, found)
        for module, found in _settings(code, root, roots, result)
    ]
    # Nothing runs here that could be asked, or watched.
    wanted = [rule for rule in rules if rule.area not in {Area.LIVE, Area.RUN}]
    if not projects:
        # Nothing is said about settings that nobody has seen.
        if any(name.startswith("django.") for source in code for name in source.imported):
            result.unknown.append(NO_SETTINGS)
        wanted = [rule for rule in wanted if rule.area is not Area.SETTINGS]
        projects = [StaticProject(root, code, root / "settings.py", Settings())]
    others = Others(root, code, roots)
    for project in projects:
        # The files are the same for all settings: read once, and asked once who comes where.
        project.deploy = deploy
        project.others = others
    for project in projects[1:]:
        project.alike = projects[0]
    stands_in = roots.has_none_but_developers()
    for project, found in zip(projects, _asked(wanted, projects), strict=True):
        kept = _without_silenced(found, project)
        lowered = stands_in and is_for_developers(project)
        _merge(result, as_information(kept, project) if lowered else kept)
    if any(rule.area is Area.DEPLOY for rule in wanted):
        result.deploy_files = tuple(deploy.paths)
    if not code.files and not deploy.paths:
        result.unknown.append(NO_CODE)
    result.replicas = max((project.replicas or 0 for project in projects), default=0) or None
    suppress(result, wanted, projects[0])
    return result


def _asked(rules: Sequence[Rule], projects: Sequence[StaticProject]) -> Iterator[Result]:
    """Yield what the rules find with each of the settings."""
    source = [rule for rule in rules if rule.area is Area.SOURCE or rule.slug in ASKING]
    # Deploy files are the same for all settings; the code is not, where it joins them.
    others = [rule for rule in rules if rule not in source]
    again = [rule for rule in others if rule.area is not Area.DEPLOY]

    def of_others() -> list[Result]:
        return [
            run_all(again if number else others, project) for number, project in enumerate(projects)
        ]

    # Rules over the source share little with the rest. They touch all that is known of it, and a
    # page of memory that a fork touches is copied: they stay here.
    large = len(projects[0].code.files) > WORTH_A_FORK
    waiting = apart(of_others) if large else of_others
    results = [run_all(source, project) for project in projects]
    for more, result in zip(results, waiting(), strict=True):
        _merge(result, more)
        result.ran = [rule for rule in rules if rule in result.ran]
        yield result


def _without_silenced(result: Result, project: StaticProject) -> Result:
    """Take out what these settings silence, and no others in the folder."""
    silenced = project.setting("SILENCED_SYSTEM_CHECKS") or ()
    # Django refuses anything else when it checks; here nothing has been checked.
    codes = {str(code) for code in silenced} if isinstance(silenced, Collection) else set()
    kept = [found for found in result.found if found.rule.code not in codes]
    result.suppressed += len(result.found) - len(kept)
    result.found = kept
    return result


def _settings(
    code: Codebase, root: Path, roots: Roots, result: Result
) -> list[tuple[Path, Settings]]:
    """Return the settings modules that a deployment may use, and what each comes to."""
    # Settings modules build on each other.
    trees: dict[Path, ast.Module] = {}
    read: list[tuple[Path, Settings]] = []
    pending = roots.deployed()
    for module in pending:
        reader = Reader(roots.find, trees, roots.environment, root)
        reader.scripted = functools.partial(scripted.written, code, root)
        found = attempt(relative(module, root), reader.read, module)
        if isinstance(found, Unknown):
            result.unknown.append(unknown_from(root, found))
            continue
        found.given = frozenset(roots.environment)
        read.append((module, found))
        if not found.names.keys() & WHOLE:
            # A template that is no Python yet, or parts that are chosen as it runs; what it builds
            # on is.
            pending += [path for path in roots.parents(module) if path not in pending]
    # What has no apps and no middleware is a part of some settings, and says nothing by absence.
    return [(module, found) for module, found in read if found.names.keys() & WHOLE]


def _merge(result: Result, more: Result) -> None:
    """Add what was found with other settings; what is the same leak in both becomes one finding."""
    known = {key: index for index, each in enumerate(result.found) for key in _keys(each)}
    for found in more.found:
        same = next((known[key] for key in _keys(found) if key in known), None)
        if same is None:
            result.found.append(found)
            continue
        first, second = result.found[same], found
        if first.rule.area is Area.SOURCE and first.finding.severity is Severity.INFO:
            # What one has switched off the other may have on.
            first, second = second, first
        places = [*first.finding.related, second.finding.location, *second.finding.related]
        related = (place for place in dict.fromkeys(places) if place != first.finding.location)
        result.found[same] = Found(first.rule, replace(first.finding, related=tuple(related)))
    result.suppressed += more.suppressed
    result.unknown = list(dict.fromkeys([*result.unknown, *more.unknown]))
    result.ran = list(dict.fromkeys([*result.ran, *more.ran]))


def _keys(found: Found) -> Iterator[tuple[str, object]]:
    """Yield what tells a leak: where it is, and of a setting what is said of it."""
    yield found.rule.code, found.finding.location
    if found.rule.area is Area.SETTINGS:
        yield found.rule.code, found.finding.message
