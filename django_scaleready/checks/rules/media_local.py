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
- its location lies below one of `SCALEREADY["SHARED_PATHS"]`, or in a volume of a network that all
  containers mount which serve (a ReadWriteMany claim, NFS, EFS, Azure Files);
- the alias belongs to an app with a rule of its own: `backup-local`, `compress-at-request`,
  `profiles-local`;
- an alias other than `default` has its class from a setting that `media-extra` names, or is only
  read from: `storages["logs"].open(name)`.

A field of a form, of a serializer or of a mongoengine document stores nothing there.

A `DEFAULT_FILE_STORAGE` that Django ignores, as it does since 5.1, names no storage.

Storages that one branch of the settings would put elsewhere together are one finding.

Named with it are the places where code reaches uploads past the storage, by `order.scan.path` or
below `MEDIA_ROOT` (`open()`, `FileResponse`, `serve`, a removal, a path that is put together there
and handed on), the volumes mounted there, and where a web server serves it under `MEDIA_URL`:
`alias` and `root` of nginx, Apache's `Alias` and `AliasMatch`, Caddy's `file_server`.

It is information only when no model has a FileField on that storage, but for those that are not
`managed` and so another system's, no code uses `default_storage`, and no installed app renders or
collects files there (easy-thumbnails, ImageKit, sorl-thumbnail, django-attachments,
django-chunked-upload, django-ckeditor, django-filer, django-photologue, drf-chunked-upload,
wagtail), and where the settings say nothing of uploads, but take all names of a module that is not
here to be read.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.running.storage_switches import SWITCHES
from django_scaleready.checks.disk.network_mounts import is_mounted
from django_scaleready.checks.disk.served import served_uploads
from django_scaleready.checks.disk.stored import (
    is_chosen,
    judged_users,
    local_settings,
    named_by,
    of_uploads,
)
from django_scaleready.checks.disk.volumes import upload_volumes
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.together import together, worst
from django_scaleready.checks.usage import is_only_read

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each local storage for uploads; those that one branch switches are one finding."""
    files = project.settings_files | {project.where("STORAGES").path}
    switched = [fact.data for s, fact in project.code.facts(SWITCHES) if s.path in files]
    groups: dict[Hashable, list[tuple[str, Finding]]] = {}
    for alias, finding in _each(project):
        key = next((aliases for aliases in switched if alias in aliases), alias)
        groups.setdefault(key, []).append((alias, finding))
    for found in groups.values():
        first = worst(finding for _, finding in found)
        others = " and ".join(repr(alias) for alias, finding in found if finding is not first)
        also = f" So it is with {others}, which the same branch of the settings switches."
        for one in together((None, finding) for _, finding in found):
            yield replace(one, message=first.message + (also if others else ""))


def _each(project: Project) -> Iterator[tuple[str, Finding]]:
    """Yield each local storage with the fields and the code that use it."""
    for alias, storage in project.storages.items():
        users = judged_users(project, alias)
        if users is None or (alias != "default" and is_only_read(project, alias)):
            continue
        if is_mounted(project, str(getattr(storage, "location", None) or "")):
            continue
        users_places = [user.location for user in users]
        certain = bool(users) and is_chosen(project)
        past = _past_the_storage(project) if alias == "default" else []
        past += [*upload_volumes(project), *served_uploads(project)] if certain else []
        used = f", and is used by {users[0].name}" if users else ""
        finding = Finding(
            message=f"The storage {alias!r} keeps uploads {_kept(project, alias)}{used}."
            + _ignored(project, alias),
            hint="Use an object store; with the kit's settings, set MEDIA_S3_BUCKET.",
            location=_place(project, alias),
            severity=Severity.ERROR if certain else Severity.INFO,
            related=tuple(dict.fromkeys([*_named(project, alias), *users_places, *past])),
        )
        yield alias, finding


def _kept(project: Project, alias: str) -> str:
    if is_a(project.storages[alias], "django.core.files.storage.InMemoryStorage"):
        return "in the memory of each process"
    return "on the replica's own disk"


def _place(project: Project, alias: str) -> Location:
    if alias == "default" and project.is_set("DEFAULT_FILE_STORAGE"):
        return project.where("DEFAULT_FILE_STORAGE")
    if project.is_set("STORAGES") or not project.is_set("MEDIA_ROOT"):
        return project.where("STORAGES", alias)
    return project.where("MEDIA_ROOT")


def _ignored(project: Project, alias: str) -> str:
    """Say that a setting which names another storage has no effect."""
    named = project.setting("DEFAULT_FILE_STORAGE")
    given = alias == "default" and project.is_set("DEFAULT_FILE_STORAGE")
    if not given or not isinstance(named, str) or named.endswith(".FileSystemStorage"):
        return ""
    in_force = is_a(project.storages[alias], named)
    return "" if in_force else " Django ignores DEFAULT_FILE_STORAGE since 5.1: set STORAGES."


def _named(project: Project, alias: str) -> Iterator[Location]:
    """Yield the settings that say where uploads are kept, and by what class."""
    if project.is_set("MEDIA_ROOT"):
        yield project.where("MEDIA_ROOT")
    names = of_uploads(project) if alias == "default" else set()
    for name in local_settings(project):
        if name in names or named_by(project, name) in names:
            yield project.where(name)


def _past_the_storage(project: Project) -> list[Location]:
    """Return where code reaches uploads by their path on the disk, or below MEDIA_ROOT."""
    fields = {fact.data[2] for _, fact in project.code.facts("file-fields")}
    fields |= {getattr(field, "attname", "") for field in project.file_fields}
    paths = [place for _, fact, place in project.noted("upload-paths") if fact.data[0] in fields]
    said = set()
    for _, fact, place in project.noted("file-write"):
        term = fact.data[2]
        known = term in {("field",), ("storage",)}
        if known or project.origins.lead(term).setting == "MEDIA_ROOT":
            paths.append(place)
            said.add((place.path, fact.function))
    for _, fact, place in project.noted("below-media-root"):
        # Where the same function opens it, that is said.
        if (place.path, fact.function) not in said:
            paths.append(place)
    return sorted(paths)


RULE = Rule("scaleready.E006", "media-local", find, leak=Leak.DATA)
