"""Uploads are stored on the replica's own disk.

A picture uploaded on one replica is a 404 on the next, and is gone when the replica is replaced.

## Bad

```python title="settings.py"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
```

```python title="shop/views.py"
from django.core.files.storage import default_storage


def upload(request):
    default_storage.save("receipt.pdf", request.FILES["receipt"])
```

## Good

```python title="settings.py"
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
```

```python title="shop/views.py"
from django.core.files.storage import default_storage


def upload(request):
    default_storage.save("receipt.pdf", request.FILES["receipt"])
```

## Stays silent when

- the storage is not a FileSystemStorage or InMemoryStorage, nor a subclass of one;
- its location lies below one of `SCALEREADY["SHARED_PATHS"]`;
- the alias belongs to an app with a rule of its own: `backup-local`, `compress-at-request`,
  `profiles-local`.

It is information only when no model has a FileField on that storage, no code uses
`default_storage`, and no installed app renders or collects files there (easy-thumbnails, ImageKit,
sorl-thumbnail, django-attachments, django-chunked-upload, django-ckeditor, django-filer,
django-photologue, drf-chunked-upload, wagtail).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.storage_apps import has_rule_of_its_own, is_local_storage
from django_scaleready.checks.usage import storage_users

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each local storage for uploads, with the fields and the code that use it."""
    for alias, storage in project.storages.items():
        if has_rule_of_its_own(project, alias) or not is_local_storage(project, storage):
            continue
        users = storage_users(project, alias)
        used = f", and is used by {users[0].name}" if users else ""
        yield Finding(
            message=f"The storage {alias!r} keeps uploads on the replica's own disk{used}.",
            hint="Use an object store; with the kit's settings, set MEDIA_S3_BUCKET.",
            location=_place(project, alias),
            severity=Severity.ERROR if users else Severity.INFO,
            related=tuple(dict.fromkeys([*_root(project), *(user.location for user in users)])),
        )


def _place(project: Project, alias: str) -> Location:
    if alias == "default" and project.is_set("DEFAULT_FILE_STORAGE"):
        return project.where("DEFAULT_FILE_STORAGE")
    if project.is_set("STORAGES") or not project.is_set("MEDIA_ROOT"):
        return project.where("STORAGES", alias)
    return project.where("MEDIA_ROOT")


def _root(project: Project) -> list[Location]:
    return [project.where("MEDIA_ROOT")] if project.is_set("MEDIA_ROOT") else []


RULE = Rule("scaleready.E006", "media-local", find, leak=Leak.DATA)
