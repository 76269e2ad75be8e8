"""The code makes a storage on the replica's own disk, whatever the settings say.

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
- the code is a management command, a script or a migration.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.origins import Origin
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "storage-in-code"
STORAGES = frozenset(
    [
        "django.core.files.storage.FileSystemStorage",
        "django.core.files.storage.filesystem.FileSystemStorage",
    ]
)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the storages that are made: (term of the folder,)."""
    module = reading.module
    for site in module.calls_that_run("FileSystemStorage"):
        if module.resolve(site.call.func) in STORAGES:
            folder = reading.argument(site.call, 0, "location")
            term = ("setting", "MEDIA_ROOT") if folder is None else reading.term(folder, site.scope)
            yield module.fact(site, term)


def find(project: Project) -> Iterator[Finding]:
    """Yield each storage that is not temporary."""
    for _, fact, place in project.noted(SLUG):
        lead = project.origins.lead(fact.data[0])
        gone = lead.origin in {Origin.TEMPORARY, Origin.SHARED}
        if not gone and "STATIC" not in lead.setting:
            yield Finding(
                message="This storage keeps files on the replica's own disk.",
                hint="Use the project's storage: default_storage, or an entry of STORAGES.",
                location=place,
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E036", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
