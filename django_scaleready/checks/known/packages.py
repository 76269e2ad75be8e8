"""Whether an app is the package that a rule knows, or the project's own of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_OF_APPS = ("__init__", "apps", "models", "views", "admin")


def has_package(project: Project, app: str) -> bool:
    """Whether an app is installed, and is not the project's own of the same name."""
    return project.installed(app) and not is_own(project, app)


def is_own(project: Project, app: str) -> bool:
    """Whether a package of this name is the project's own."""
    own = project.code.by_module.get(app)
    if own is None or not own.path.endswith("/__init__.py"):
        # A module elsewhere may end in the same name, and Python does without __init__.py.
        folder = app.replace(".", "/")
        return any(f"{folder}/{name}.py" in project.code.by_path for name in _OF_APPS)
    above = own.path.removesuffix(f"{app.replace('.', '/')}/__init__.py")
    # Below a package of the project it would have a longer name, unless Python starts there.
    files = project.code.by_path
    return f"{above}__init__.py" not in files or f"{above}manage.py" in files
