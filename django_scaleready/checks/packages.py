"""Whether an app is the package that a rule knows, or the project's own of the same name."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def has_package(project: Project, app: str) -> bool:
    """Whether an app is installed, and is not the project's own of the same name."""
    if not project.installed(app):
        return False
    own = project.code.by_module.get(app)
    if own is None or not own.path.endswith("/__init__.py"):
        return True
    above = own.path.removesuffix(f"{app.replace('.', '/')}/__init__.py")
    # Below a package of the project it would have a longer name, unless Python starts there.
    files = project.code.by_path
    return f"{above}__init__.py" in files and f"{above}manage.py" not in files
