"""What an image has from its build, and a replica makes anew only where it is missing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.reaching.started import command_of

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.deployment.view import Deployment
    from django_scaleready.checks.project import Project

# An instruction goes on below where its line ends with a backslash.
_RUN = re.compile(r"^[ \t]*RUN\b(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)
_MANAGED = re.compile(r"\b(?:manage\.py|django-admin)\s+([a-z]\w*)")


class Baked(NamedTuple):
    """The functions that made it when the image was built, and those that look for it first."""

    makers: frozenset[Key]
    readers: frozenset[Key]


def baked(project: Project) -> Baked:
    """Return what ``RUN python manage.py fetch`` makes, as far as nobody else has it made.

    Others call the same function only where they find no file: under ``FileNotFoundError``.
    """
    return project.code.once(_baked, project.deploy)


def _baked(code: Codebase, deploy: Deployment) -> Baked:
    missing = {(source.path, fact.line) for source, fact in code.facts("refills")}
    commands = _built(deploy) if missing else frozenset()
    built = [s for s in (code if commands else ()) if command_of(s.path) in commands]
    called = (call.callee for s in built for each in s.functions.values() for call in each.calls)
    makers: set[Key] = set()
    readers: set[Key] = set()
    for found in filter(None, map(code.function, called)):
        maker = (found[0].path, found[1])
        others = [c for c in code.calls_of(maker) if not command_of(c[0])]
        if others and all((path, line) in missing for path, _, line, _ in others):
            makers.add(maker)
            readers.update((path, function) for path, function, *_ in others)
    return Baked(frozenset(makers), frozenset(readers))


def _built(deploy: Deployment) -> frozenset[str]:
    """Return the management commands that are run as images are built, none for developers."""
    files = (f for f in deploy.files if f.kind is Kind.DOCKERFILE and not f.for_development)
    runs = (run for file in files for run in _RUN.findall(file.text))
    return frozenset(name for run in runs for name in _MANAGED.findall(run))
