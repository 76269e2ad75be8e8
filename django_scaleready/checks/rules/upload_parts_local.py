"""The parts of an upload are put together in a folder of one replica.

django-tus and django-drf-filepond take a file in several requests, or keep it until the form is
sent. Both write to folders, past Django's storages: a part that reaches another replica has nothing
to be added to, and the finished file is where only one replica finds it.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_drf_filepond"]
DJANGO_DRF_FILEPOND_UPLOAD_TMP = "/srv/shop/filepond"
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_drf_filepond"]
DJANGO_DRF_FILEPOND_UPLOAD_TMP = "/mnt/shared/filepond"
SCALEREADY = {"SHARED_PATHS": ["/mnt/shared"]}
```

## Stays silent when

- each of the folders lies below one of `SCALEREADY["SHARED_PATHS"]`; the one for finished files
  does not count where `DJANGO_DRF_FILEPOND_STORAGES_BACKEND` names an object store;
- neither app is installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# The app, its name for people, its folders; without the setting they lie below BASE_DIR or
# MEDIA_ROOT.
TUS = ("django_tus", "django-tus", ("TUS_UPLOAD_DIR", "TUS_DESTINATION_DIR"))
FILEPOND = (
    "django_drf_filepond",
    "django-drf-filepond",
    ("DJANGO_DRF_FILEPOND_UPLOAD_TMP", "DJANGO_DRF_FILEPOND_FILE_STORE_PATH"),
)
OPTIONAL = "DJANGO_DRF_FILEPOND_FILE_STORE_PATH"
ELSEWHERE = "DJANGO_DRF_FILEPOND_STORAGES_BACKEND"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for each app that keeps parts in a folder of its own."""
    for app, name, settings in (TUS, FILEPOND):
        if not project.installed(app):
            continue
        local = [setting for setting in settings if _is_local(project, setting)]
        if local:
            places = (project.where(setting) for setting in local if project.is_set(setting))
            given = list(dict.fromkeys(places))
            yield Finding(
                message=f"{name} puts uploads together on the replica's own disk ({local[0]}).",
                hint=(
                    "Mount a folder that all replicas share and declare it in"
                    ' SCALEREADY["SHARED_PATHS"], or upload to the object store directly.'
                ),
                location=next(iter(given), project.where("INSTALLED_APPS", app)),
                severity=Severity.ERROR,
                related=tuple(given[1:]),
            )


def _is_local(project: Project, setting: str) -> bool:
    folder = project.setting(setting)
    if setting == OPTIONAL and (not folder or project.setting(ELSEWHERE)):
        return False
    return not (folder and project.is_shared(str(folder)))


RULE = Rule("scaleready.E038", "upload-parts-local", find, leak=Leak.DATA)
