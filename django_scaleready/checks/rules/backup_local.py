"""Backups are written to the disk of the replica that makes them.

django-dbbackup stores them in the folder of the uploads, unless it is told otherwise. They are gone
with the replica, and the one that is asked to restore them does not have them.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "dbbackup"]
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "dbbackup"]
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage"},
    "dbbackup": {"BACKEND": "storages.backends.s3.S3Storage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
```

## Stays silent when

- `STORAGES["dbbackup"]` is an object store, or its folder lies below one of
  `SCALEREADY["SHARED_PATHS"]`;
- the app is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.storage_apps import is_kept_here

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

APP = ALIAS = "dbbackup"
CLASS = "django.core.files.storage.FileSystemStorage"
# Before version 5; that one refuses to start with it.
OLD = "DBBACKUP_STORAGE"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if backups stay on one replica."""
    if not project.installed(APP):
        return
    folder = (project.setting(f"{OLD}_OPTIONS") or {}).get("location")
    folder = folder or project.setting("MEDIA_ROOT")
    if is_kept_here(project, ALIAS, project.setting(OLD) or CLASS, folder):
        yield Finding(
            message="django-dbbackup keeps backups on the disk of the replica that made them.",
            hint='Name an object store in STORAGES["dbbackup"].',
            location=_place(project),
            severity=Severity.WARNING,
        )


def _place(project: Project) -> Location:
    if ALIAS in project.storages:
        return project.where("STORAGES", ALIAS)
    return project.where(OLD) if project.is_set(OLD) else project.where("INSTALLED_APPS", APP)


RULE = Rule("scaleready.W041", "backup-local", find, leak=Leak.DATA)
