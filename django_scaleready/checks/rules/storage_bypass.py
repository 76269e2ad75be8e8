"""A file is written to the path that a storage names, past the storage.

`storage.path()` and `FieldFile.path` exist for a local disk only. On an object store they raise
NotImplementedError, so code that writes there binds uploads to the disk of one replica.

## Bad

```python title="shop/exports.py"
import zipfile

from django.core.files.storage import default_storage


def export(name):
    with zipfile.ZipFile(default_storage.path(name), "w") as archive:
        archive.writestr("orders.csv", "...")
```

## Good

```python title="shop/exports.py"
import zipfile

from django.core.files.storage import default_storage


def export(name):
    with default_storage.open(name, "wb") as file, zipfile.ZipFile(file, "w") as archive:
        archive.writestr("orders.csv", "...")
```

## Stays silent when

- the file is opened through the storage or the field (`default_storage.open`, `field.open`);
- the path is only read, or removed: [media-local](#media-local) names these places where the
  storage is a local one;
- the code is a management command, a script, or runs under DEBUG only.

What one function writes below a storage's folder is one finding: the last place, and the others are
named with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.writers import LIKELY, METHOD, SURE

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SLUG = "storage-bypass"
WRITES = frozenset({LIKELY, METHOD, SURE})


def find(project: Project) -> Iterator[Finding]:
    """Yield each write to a path that a storage or a field gave.

    What a function writes to a folder of the storage goes wherever that is moved to.
    """
    found: dict[tuple[str, str, str], list[tuple[Location, str]]] = {}
    for source, fact, place in project.noted("file-write"):
        kind, shown, term, *_ = fact.data
        if term in {("storage",), ("field",)} and kind in WRITES:
            what = shown if term == ("field",) else ""
            found.setdefault((source.path, fact.function, what), []).append((place, shown))
    for places in found.values():
        place, shown = max(places)
        yield Finding(
            message=f"{shown} is written past the storage: it works on a local disk alone.",
            hint="Open the file with the storage's or the field's own open().",
            location=place,
            severity=Severity.WARNING,
            related=tuple(sorted({other for other, _ in places} - {place})),
        )


RULE = Rule("scaleready.W056", SLUG, find, Area.SOURCE, leak=Leak.DATA)
