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
- the value is no storage, and no dotted path to one;
- its folder lies below one of `SCALEREADY["SHARED_PATHS"]`;
- another rule knows what is lost: `media-local` for the storages of `STORAGES`, `storage-in-code`
  for a FileSystemStorage, or a subclass of the project's own, that code makes, `backup-local`,
  `compress-at-request`, `profiles-local` and `upload-parts-local` for those of one app;
- it has its value from another such setting, which is the finding (`EXPORT_STORAGE =
  INVOICE_STORAGE`).

What is made from a setting, an entry of `STORAGES` or a storage in the code, is named with it.

One of thumbnails is information: they are made again from the upload.

A package's storage that only a field of a model names is found by what it is: by its class, and not
by a setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.disk.stored import local_settings, named_by, of_uploads
from django_scaleready.checks.known.storage_apps import is_local_storage
from django_scaleready.checks.rules.storage_in_code import decided_by
from django_scaleready.checks.usage import is_same_storage

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# What is made again from an upload wherever it is missing.
DERIVED = ("IMAGEKIT_", "THUMBNAIL_")
PACKAGES = ("compressor.", "django.core.files.", "django_drf_filepond.", "silk.")


def find(project: Project) -> Iterator[Finding]:
    """Yield each setting that names a local storage, and each such storage that a field has."""
    local = local_settings(project)
    roots = {name: named_by(project, name) or name for name in local}
    others = of_uploads(project)
    for name, value in local.items():
        if roots[name] != name or name in others:
            continue
        same = [other for other in local if roots[other] == name]
        shown = value if isinstance(value, str) else value.__name__
        places = [*map(project.where, same), *_made_from(project, name)]
        yield Finding(
            message=f"{name} is {shown}, which keeps files on the replica's own disk.",
            hint="Name a storage on an object store.",
            location=project.where(name),
            severity=Severity.INFO if all(map(_is_derived, same)) else Severity.ERROR,
            related=tuple(place for place in dict.fromkeys(places) if place != project.where(name)),
        )
    yield from _of_fields(project)


def _is_derived(name: str) -> bool:
    return name.startswith(DERIVED)


def _made_from(project: Project, name: str) -> Iterator[Location]:
    """Yield the entries of STORAGES, and the places in the code, that go by a setting."""
    for alias in project.storages:
        if named_by(project, "STORAGES", alias, "BACKEND") == name:
            yield project.where("STORAGES", alias)
    yield from decided_by(project, name)


def _of_fields(project: Project) -> Iterator[Finding]:
    named = {
        value if isinstance(value, str) else f"{value.__module__}.{value.__qualname__}"
        for value in project.settings_named("STORAGE").values()
        if isinstance(value, str | type)
    }
    found: dict[type, list[Any]] = {}
    for field in project.file_fields:
        kind = field.storage.__class__
        dotted = f"{kind.__module__}.{kind.__qualname__}"
        others = project.storages.values()
        if (
            is_local_storage(project, field.storage)
            and not dotted.startswith(PACKAGES)
            and dotted not in named
            and project.code.klass(dotted) is None
            and not any(is_same_storage(field.storage, other) for other in others)
        ):
            found.setdefault(kind, []).append(field)
    for kind, fields in found.items():
        more = f" and {len(fields) - 1} more" if fields[1:] else ""
        yield Finding(
            message=f"{kind.__name__} keeps the files of {fields[0]}{more} on the replica's own"
            " disk.",
            hint="Give the field a storage on an object store.",
            location=_place(project, fields[0].model),
            severity=Severity.ERROR,
            related=tuple(dict.fromkeys(_place(project, f.model) for f in fields[1:])),
        )


def _place(project: Project, model: Any) -> Location:
    """Return where the project can act: at its own model, or at the entry of the app."""
    place = project.place_of_class(model)
    if place.path.startswith("/") and model._meta.app_config:
        return project.where("INSTALLED_APPS", model._meta.app_config.name)
    return place


RULE = Rule("scaleready.E007", "media-extra", find, leak=Leak.DATA)
