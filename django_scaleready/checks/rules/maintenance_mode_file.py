"""Maintenance mode is switched on for one replica.

Unless told otherwise, django-maintenance-mode keeps its state in a file beside the code. Switched
on by a request or a command, it closes the replica that ran it; the others go on serving.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "maintenance_mode"]
MAINTENANCE_MODE_STATE_BACKEND = "maintenance_mode.backends.LocalFileBackend"
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "maintenance_mode"]
MAINTENANCE_MODE_STATE_BACKEND = "maintenance_mode.backends.DefaultStorageBackend"
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
```

## Stays silent when

- the state is in a cache or a storage: `cache-local` and `media-local` find local ones;
- `MAINTENANCE_MODE_STATE_FILE_PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`;
- `MAINTENANCE_MODE` itself is set: then the state is the setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

APP = "maintenance_mode"
STATE = "MAINTENANCE_MODE_STATE_BACKEND"
INSTALLED = ("INSTALLED_APPS", APP)
MIDDLEWARE = "maintenance_mode.middleware.MaintenanceModeMiddleware"
DEFAULT = "maintenance_mode.backends.LocalFileBackend"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the state is in a file of one replica."""
    if not project.installed(APP) or project.setting("MAINTENANCE_MODE") is not None:
        return
    backend = project.setting(STATE, DEFAULT)
    state = project.imported(backend)
    path = project.setting("MAINTENANCE_MODE_STATE_FILE_PATH")
    closes = MIDDLEWARE in (project.setting("MIDDLEWARE") or ())
    if is_a(state, DEFAULT) and not (path and project.is_shared(path)):
        yield Finding(
            message=f"Maintenance mode is kept where one replica sees it ({backend}).",
            hint="Use maintenance_mode.backends.CacheBackend on a shared cache.",
            location=project.where(STATE) if project.is_set(STATE) else project.where(*INSTALLED),
            severity=Severity.ERROR,
            # What closes the replica.
            related=(project.where("MIDDLEWARE", MIDDLEWARE),) if closes else (),
        )


RULE = Rule("scaleready.E042", "maintenance-mode-file", find, leak=Leak.STATE)
