"""Scripts and styles are compressed by the first request that needs them, on its replica's disk.

django-compressor writes the result below `STATIC_ROOT` and puts its address into the page. The
browser asks another replica for it: a 404, and a page without styles, until that one has served the
same page.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "compressor"]
COMPRESS_ENABLED = True
COMPRESS_STORAGE = "django.core.files.storage.FileSystemStorage"
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "compressor"]
COMPRESS_ENABLED = True
COMPRESS_OFFLINE = True
```

## Stays silent when

- it is done when the image is built (`COMPRESS_OFFLINE`, with `manage.py compress`), or not at all;
- the results go to an object store, or below one of `SCALEREADY["SHARED_PATHS"]`;
- the app is not installed.

If there are templates here and none of them has a `{% compress %}`, it is information.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.storage_apps import is_kept_here
from django_scaleready.checks.usage import line_of

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

APP = "compressor"
# COMPRESS_STORAGE_ALIAS, COMPRESS_STORAGE.
ALIAS, CLASS = "compressor", "compressor.storage.CompressorFileStorage"
_TEMPLATES = (".html", ".jinja", ".jinja2", ".j2")
_TAG = re.compile(rb"\{%[-+]? *compress\b")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if requests write what they compress to the disk."""
    enabled = project.setting("COMPRESS_ENABLED", not project.setting("DEBUG"))
    offline = project.setting("COMPRESS_OFFLINE", False)
    if not project.installed(APP) or not enabled or offline:
        return
    alias = project.setting("COMPRESS_STORAGE_ALIAS", ALIAS)
    folders = [project.setting(name) for name in ("COMPRESS_ROOT", "STATIC_ROOT")]
    folder = next((folder for folder in folders if folder), None)
    if is_kept_here(project, alias, project.setting("COMPRESS_STORAGE") or CLASS, folder):
        given = [name for name in ("COMPRESS_OFFLINE", "COMPRESS_ENABLED") if project.is_set(name)]
        yield Finding(
            message="django-compressor writes its files when a request asks for them, where no"
            " other replica has them.",
            hint="Set COMPRESS_OFFLINE = True and run manage.py compress when the image is built.",
            location=project.where(given[0]) if given else project.where("INSTALLED_APPS", APP),
            severity=Severity.ERROR if _is_used(project) else Severity.INFO,
        )


def _is_used(project: Project) -> bool:
    """Whether a template compresses something, or none is here to tell."""
    templates = [path for path in project.code.listed if path.endswith(_TEMPLATES)]
    return not templates or any(line_of(_TAG, project.root / path) for path in templates)


RULE = Rule("scaleready.E040", "compress-at-request", find, leak=Leak.DATA)
