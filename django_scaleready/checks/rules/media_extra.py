"""A setting of an app names a storage on the replica's own disk.

Apps for imports, thumbnails, documents or backups take a storage class of their own; one that
derives from FileSystemStorage keeps its files where no other replica sees them.

## Bad

```python title="settings.py"
INVOICE_STORAGE = "django.core.files.storage.FileSystemStorage"
```

## Good

```python title="settings.py"
INVOICE_STORAGE = "storages.backends.s3.S3Storage"
```

## Stays silent when

- the setting's name speaks of static files: those are part of the image;
- the value is no dotted path to a class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.classes import is_a
from django_scaleready.checks.usage import LOCAL_STORAGES

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each setting that names a subclass of FileSystemStorage."""
    for name, value in project.settings_named("STORAGE").items():
        if "STATIC" in name or not isinstance(value, str) or "." not in value:
            continue
        storage = project.imported(value)
        if isinstance(storage, type) and is_a(storage, *LOCAL_STORAGES):
            yield Finding(
                message=f"{name} is {value}, which keeps files on the replica's own disk.",
                hint="Name a storage on an object store.",
                location=project.where(name),
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E007", "media-extra", find, leak=Leak.DATA)
