"""The code makes a storage on the replica's own disk, or names one as a default.

An upload that goes to a `FileSystemStorage` made in a field, a wizard or a view stays on the disk
of one replica even when the project's storage is an object store.

## Bad

```python title="shop/models.py"
from django.core.files.storage import FileSystemStorage
from django.db import models


class Receipt(models.Model):
    scan = models.FileField(storage=FileSystemStorage("/srv/receipts"))
```

## Good

```python title="shop/models.py"
from django.db import models


class Receipt(models.Model):
    scan = models.FileField(upload_to="receipts")
```

## Stays silent when

- its folder is temporary, or holds static files;
- its class has a `_save` of its own that does without Django's: it writes elsewhere;
- the name of the class stands in the settings, where `media-local` and `media-extra` judge it;
- it is a finder's, which looks for static files;
- the code is a management command, a script or a migration.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.origins import Origin
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "storage-in-code"
SETTING = "DEFAULT_FILE_STORAGE"
STORAGES = frozenset(
    [
        "django.core.files.storage.FileSystemStorage",
        "django.core.files.storage.filesystem.FileSystemStorage",
    ]
)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the storages that are made, and those that are named: (folder or None, class)."""
    module = reading.module
    known = {*module.mentions, *module.imports, *module.classes}
    for site in module.calls_that_run(*sorted(n for n in known if n.endswith("Storage"))):
        owner = site.scope.owner
        finder = owner and any(base.endswith("Finder") for base in module.bases(owner))
        made = module.qualified(site.call.func, site.scope)
        if "static" not in made.lower() and not finder:
            folder = reading.argument(site.call, 0, "location")
            term = ("setting", "MEDIA_ROOT") if folder is None else reading.term(folder, site.scope)
            yield module.fact(site, term, made)
    for name, values in module.top.bindings.items():
        for value in values:
            text = value.value if isinstance(value, ast.Constant) else None
            # Django's own is a setting's, also in settings that are no deployment's.
            if text in STORAGES and "STATIC" not in name.upper() and name != SETTING:
                yield Fact(value.lineno, "", (None, text))


def find(project: Project) -> Iterator[Finding]:
    """Yield each storage that is not temporary, and one finding for all that are named."""
    named = []
    for source, fact, place in project.noted(SLUG):
        if fact.data[0] is None:
            if source.path not in project.settings_files:
                named.append(place)
            continue
        ancestors = [*project.code.ancestors(fact.data[1])]
        if STORAGES.isdisjoint(ancestors) or _saves_elsewhere(project, ancestors):
            continue
        lead = project.origins.lead(fact.data[0])
        gone = lead.origin in {Origin.TEMPORARY, Origin.SHARED}
        if not gone and "STATIC" not in lead.setting:
            made = project.code.klass(fact.data[1])
            own = [Location(made[0].path, made[1].line)] if made else []
            yield _finding("This storage keeps files on the replica's own disk.", place, *own)
    if named:
        yield _finding("The storage named here keeps files on the replica's own disk.", *named)


def _saves_elsewhere(project: Project, ancestors: list[str]) -> bool:
    """Whether one of the project's classes overrides what writes, and never asks Django's to."""
    found = ((name.rpartition(".")[2], project.code.klass(name)) for name in ancestors)
    return any(
        f"{name}._save" in made[0].functions and "_save" not in made[0].mentions
        for name, made in found
        if made
    )


def _finding(message: str, place: Location, *others: Location) -> Finding:
    return Finding(
        message=message,
        hint="Use the project's storage: default_storage, or an entry of STORAGES.",
        location=place,
        severity=Severity.ERROR,
        related=others,
    )


RULE = Rule("scaleready.E036", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
