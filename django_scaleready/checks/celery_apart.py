"""Programs beside a site, in the same repository, with a Celery app of their own."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Fact, Summary


def apart(code: Codebase, apps: Iterable[tuple[Summary, Fact]]) -> tuple[str, ...]:
    """Return the folders of programs that Django's settings do not reach.

    Nothing there knows Django, and the app that takes its settings lies elsewhere.
    """
    made = [(source.path, fact.data[1]) for source, fact in apps]
    own = [path for path, is_djangos in made if is_djangos]
    others = [path for path, is_djangos in made if own and not is_djangos]
    found = {_beside(path, own) for path in others} - {""}
    return tuple(sorted(folder for folder in found if not _knows_django(code, folder)))


def _beside(path: str, own: list[str]) -> str:
    """Return the folder in which a file's way parts from that of the site's app."""
    shared = max((posixpath.commonpath([path, each]) for each in own), key=len)
    first, *below = posixpath.relpath(path, shared or ".").split("/")
    return posixpath.join(shared, first, "") if below else ""


def _knows_django(code: Codebase, folder: str) -> bool:
    inside = (source for source in code if source.path.startswith(folder))
    return any(n.partition(".")[0] == "django" for source in inside for n in source.imported)
