"""Static files are served from the replica's disk, and nothing here puts them there.

That is how it should be, as long as `collectstatic` runs when the image is built: each replica then
has the same files. Where no deploy file runs it, the folder is empty, or filled by hand on one
machine.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django.contrib.staticfiles"]
STATIC_URL = "static/"
```

```Dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
CMD ["gunicorn", "shop.wsgi"]
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django.contrib.staticfiles"]
STATIC_URL = "static/"
```

```Dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
RUN python manage.py collectstatic --no-input
CMD ["gunicorn", "shop.wsgi"]
```

## Stays silent when

- a deploy file runs `collectstatic`, when the image is built or when it starts;
- static files go to an object store, or whitenoise finds them in the apps
  (`WHITENOISE_USE_FINDERS`);
- no image is built here that serves the project, or the staticfiles app is not installed.

It is information only: something outside of the repository may run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

DISK = "django.core.files.storage.FileSystemStorage"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if an image serves static files that nothing collects."""
    if not project.installed("django.contrib.staticfiles") or not _are_local(project):
        return
    files = project.deploy.files
    if any("collectstatic" in file.text for file in files):
        return
    serving = [process for process in project.deploy.processes if process.serves and process.own]
    images = {file.path for file in files if file.kind is Kind.DOCKERFILE}
    built = [process for process in serving if process.location.path in images]
    if built:
        yield Finding(
            message="No deploy file runs collectstatic: a replica serves the static files that its"
            " disk happens to have.",
            hint="Run manage.py collectstatic --no-input when the image is built.",
            location=built[0].location,
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
        )


def _are_local(project: Project) -> bool:
    config = (project.setting("STORAGES") or {}).get("staticfiles") or {}
    backend = config.get("BACKEND") or project.setting("STATICFILES_STORAGE")
    found = project.setting("WHITENOISE_USE_FINDERS", False)
    return bool(backend) and not found and is_a(project.imported(backend), DISK)


RULE = Rule("scaleready.I008", "static-local", find, Area.DEPLOY, leak=Leak.DATA)
