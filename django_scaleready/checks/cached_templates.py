"""Templates that rows have, which Django's cached loader keeps in each process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Finding, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

CACHED = "django.template.loaders.cached.Loader"
# Packages' loaders that ask the database for a template's text.
OF_ROWS = frozenset(
    {"dbtemplates.loader.Loader", "unicef_notification.loaders.EmailTemplateLoader"}
)
METHODS = ("get_contents", "get_template", "get_template_sources", "load_template_source")


def cached_templates(project: Project) -> Iterator[Finding]:
    """Yield each loader of rows that is put into the cached one, which never asks it again."""
    for entry in project.setting("TEMPLATES") or ():
        for name in _cached(entry):
            if name in OF_ROWS or _asks_rows(project, name):
                yield Finding(
                    message=(
                        f"The cached template loader keeps what {name} reads from the database, in"
                        " each process by itself: the others go on with the old text."
                    ),
                    hint=f"Put {name.rpartition('.')[2]} beside the cached loader, not into it.",
                    location=project.where("TEMPLATES", CACHED),
                    severity=Severity.WARNING,
                )


def _cached(entry: Any) -> Iterator[str]:
    """Yield the loaders in an engine's cached one; it is told of them in a list."""
    options = entry.get("OPTIONS") if isinstance(entry, dict) else None
    for loader in (options or {}).get("loaders") or ():
        if isinstance(loader, list | tuple) and loader[1:] and loader[0] == CACHED:
            for inner in loader[1] if isinstance(loader[1], list | tuple) else ():
                yield str(inner[0] if isinstance(inner, list | tuple) and inner else inner)


def _asks_rows(project: Project, name: str) -> bool:
    """Whether a loader of the project's own asks for rows."""
    source, loader = project.code.locate(name) or (None, "")
    functions = source.functions if source else {}
    methods = (functions.get(f"{loader}.{method}") for method in METHODS)
    return any(".objects." in call.callee for each in methods if each for call in each.calls)
