"""Profiles of requests are kept where only one replica finds them.

django-silk keeps what it records in the database, but the files of Python's profiler in a folder,
by default the one of the uploads. The page of a request that another replica served offers a file
that is not there.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "silk"]
SILKY_PYTHON_PROFILER = True
SILKY_STORAGE_CLASS = "django.core.files.storage.FileSystemStorage"
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "silk"]
SILKY_PYTHON_PROFILER = True
SILKY_STORAGE_CLASS = "storages.backends.s3.S3Storage"
```

## Stays silent when

- the profiler is off, which is its default, or the app is not installed;
- its storage is an object store, or `SILKY_PYTHON_PROFILER_RESULT_PATH` lies below one of
  `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.storage_apps import is_kept_here

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

ALIAS, CLASS = "SILKY_STORAGE", "silk.storage.ProfilerResultStorage"
SWITCHES = ("SILKY_PYTHON_PROFILER", "SILKY_PYTHON_PROFILER_FUNC")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the profiler's files stay on one replica."""
    switched_on = [name for name in SWITCHES if project.setting(name)]
    if not switched_on or not project.installed("silk"):
        return
    named = project.setting("SILKY_STORAGE_CLASS") or CLASS
    folder = project.setting("SILKY_PYTHON_PROFILER_RESULT_PATH") or project.setting("MEDIA_ROOT")
    if is_kept_here(project, ALIAS, named, folder):
        yield Finding(
            message="django-silk keeps profiles on the disk of the replica that made them.",
            hint=f'Name an object store in STORAGES["{ALIAS}"].',
            location=project.where(switched_on[0]),
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W043", "profiles-local", find, leak=Leak.DATA)
