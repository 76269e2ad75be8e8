"""Programs in the same repository that are none of the Django project's.

A client library with a ``setup.py``, a small service with requirements of its own: nothing there is
Django's, and nothing of the project imports it. No replica of the project runs it.
"""

from __future__ import annotations

from django_scaleready.checks.code.codebase import Codebase
from django_scaleready.checks.code.summary import Summary

# What a program of its own has beside its code.
MARKS = frozenset({"pyproject.toml", "requirements.txt", "setup.py"})
# Who imports one of these is the project, or works for it.
FRAMEWORKS = frozenset(
    [
        *("celery", "channels", "django", "django_rq", "dramatiq", "huey", "ninja"),
        *("rest_framework", "rq", "wagtail"),
    ]
)


def folders_beside(code: Codebase) -> tuple[str, ...]:
    """Return the folders of such programs, each with a ``/`` at its end."""
    marked = {name.rpartition("/")[0] for name in code.listed if name.rpartition("/")[2] in MARKS}
    folders = sorted(f"{folder}/" for folder in marked if folder)
    return tuple(folder for folder in folders if is_beside(code, folder))


def is_beside(code: Codebase, folder: str) -> bool:
    """Whether nothing in a folder is Django's, and nothing of the project imports it."""
    inside = [source for source in code.files if source.path.startswith(folder)]
    if not inside or any(map(_is_projects, inside)):
        return False
    names = {source.path.removeprefix(folder).partition("/")[0] for source in inside} - MARKS
    packages = {name.removesuffix(".py") for name in names}
    parts = folder.rstrip("/").split("/")
    # From which folder up its name is written depends on where the project's code begins.
    above = tuple(".".join([*parts[start:], ""]) for start in range(len(parts)))
    imported = _imported_elsewhere(code, folder)
    return not any(n.partition(".")[0] in packages or f"{n}.".startswith(above) for n in imported)


def _imported_elsewhere(code: Codebase, folder: str) -> set[str]:
    """Return what the project's own files import, those of the folder left out."""
    ours = {_top(source) for source in code.files if _is_projects(source)}
    own = (s for s in code.files if _top(s) in ours and not s.path.startswith(folder))
    return set().union(*(source.imported | source.under_debug for source in own))


def _top(source: Summary) -> str:
    return source.path.partition("/")[0]


def _is_projects(source: Summary) -> bool:
    return any(name.partition(".")[0] in FRAMEWORKS for name in source.imported)
