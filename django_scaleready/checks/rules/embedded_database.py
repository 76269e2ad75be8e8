"""A database in a file is written beside the code.

`sqlite3`, `shelve`, `dbm` and their like keep what they are told on the disk of one replica; the
others have files of their own, and a deploy begins with an empty one.

## Bad

```python title="shop/seen.py"
import shelve


def seen(visitor):
    with shelve.open("/srv/data/seen") as known:
        known[visitor] = True
```

## Good

```python title="shop/seen.py"
from django.core.cache import cache


def seen(visitor):
    cache.set(f"seen-{visitor}", True, 86_400)
```

## Stays silent when

- it is in memory, opened read-only, or a file of the repository that is shipped with the code;
- it is temporary;
- the code is a management command or a script.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.origins import Origin
from django_scaleready.checks.code.reading import file_name
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "embedded-database"
# The position of the path; where there is none by default, nothing is kept.
OPENERS = {
    "sqlite3.connect": 0,
    "shelve.open": 0,
    "dbm.open": 0,
    "tinydb.TinyDB": 0,
    "diskcache.Cache": 0,
    "diskcache.FanoutCache": 0,
    "lmdb.open": 0,
    "duckdb.connect": 0,
    "plyvel.DB": 0,
    "peewee.SqliteDatabase": 0,
    "sqlitedict.SqliteDict": 0,
    "whoosh.index.create_in": 0,
    "whoosh.index.open_dir": 0,
    "xapian.WritableDatabase": 0,
    "chromadb.PersistentClient": 0,
    "faiss.write_index": 1,
}
READ_ONLY = ("mode=ro", "immutable=1", ":memory:")

PACKAGES = frozenset(name.partition(".")[0] for name in OPENERS)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the databases that are opened: (function, path's term, the file's name)."""
    module = reading.module
    if module.roots.isdisjoint(PACKAGES):
        return
    for site in module.calls_that_run(*sorted({name.rpartition(".")[2] for name in OPENERS})):
        name = module.resolve(site.call.func)
        if name not in OPENERS:
            continue
        path = reading.argument(site.call, OPENERS[name], "database", "path", "directory")
        shown = ast.unparse(path) if path is not None else ""
        text = file_name(path, site) if path is not None else ""
        fixed = [k for k in site.call.keywords if k.arg in {"read_only", "readonly"}]
        if shown and not fixed and not any(word in shown + text for word in READ_ONLY):
            yield module.fact(site, name, reading.term(path, site.scope), text)


def find(project: Project) -> Iterator[Finding]:
    """Yield each database that is neither temporary nor shipped with the code."""
    for _, fact, place in project.noted(SLUG):
        name, term, file = fact.data
        lead = project.origins.lead(term)
        if lead.origin in {Origin.TEMPORARY, Origin.NOWHERE, Origin.SHARED}:
            continue
        if file and "." in file and file in project.files_by_name:
            continue
        yield Finding(
            message=f"{name} keeps a database in a file of this replica.",
            hint="Keep it in the project's database or in Redis.",
            location=place,
            severity=Severity.ERROR if lead.origin is Origin.LOCAL else Severity.WARNING,
            confidence=Confidence.HIGH if lead.origin is Origin.LOCAL else Confidence.MEDIUM,
            related=(project.where(lead.setting),) if project.is_set(lead.setting) else (),
        )


RULE = Rule("scaleready.E058", SLUG, find, Area.SOURCE, collect, leak=Leak.DATA)
