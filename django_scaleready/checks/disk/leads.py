"""Where a path in the settings leads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from django_scaleready.checks.code.paths.origins import Lead, Origin

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

PATH_NAMES = re.compile(r"(^|_)(DIR|DIRECTORY|ROOT|PATH|FOLDER|FILE|LOCATION|DIRS)$")
# As an entry is called, upper case as in settings.
_FOLDER = re.compile(r"(DIR|DIRECTORY|FOLDER)$")
UNTOLD = object()


def _is_absolute(text: str) -> bool:
    return text.startswith("/") and not text.endswith("/")


def setting_lead(project: Project, name: str) -> Lead:
    """Return where the path in a setting leads; nowhere known if it holds no path."""
    if not project.is_set(name):
        # Given in a settings module that is not in force here, or by the environment.
        return Lead(Origin.LOCAL, name)
    value = project.setting(name, UNTOLD)
    if isinstance(value, Path):
        value = str(value)
    if value is UNTOLD and PATH_NAMES.search(name):
        # Not to be told from here, but its name says that it is a path.
        return Lead(Origin.LOCAL, name)
    if value is None:
        # What would write there is off.
        return Lead(Origin.NOWHERE, name)
    if isinstance(value, dict | list | tuple):
        # settings.REPORTS["folder"], settings.FOLDERS[0]: one of its values is the path.
        values = value.values() if isinstance(value, dict) else value
        value = next(filter(_is_absolute, map(str, values)), UNTOLD)
    if value is UNTOLD and project.places.has_entry(name, _FOLDER):
        # So does the name of an entry: settings.REPORTS["EXPORT_FOLDER"].
        return Lead(Origin.LOCAL, name)
    if not isinstance(value, str) or "://" in value:
        return Lead(Origin.UNKNOWN)
    origin = Origin.SHARED if value and project.is_shared(value) else Origin.LOCAL
    return Lead(origin, name, value)
