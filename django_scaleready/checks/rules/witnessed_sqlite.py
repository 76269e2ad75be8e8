"""A request or a task was seen to write to an SQLite file of this replica.

Packages that cache responses, queue work or keep an index do it in SQLite files without saying so.
Each replica has its own, and it goes with the replica.

## Bad

```python title="site-packages/quota/__init__.py"
import sqlite3


def count(name):
    with sqlite3.connect("quota.db") as connection:
        connection.execute("create table if not exists hits (name text)")
        connection.execute("insert into hits values (?)", [name])
    connection.close()
```

```python title="shop/views.py"
from django.http import HttpResponse
from quota import count


def page(request):
    count("page")
    return HttpResponse("counted")
```

## Good

```python title="shop/views.py"
from django.core.cache import cache
from django.http import HttpResponse


def page(request):
    cache.get_or_set("hits", 0, None)
    cache.incr("hits")
    return HttpResponse("counted")
```

## Stays silent when

- the database is in memory, is opened for reading only, or is not changed as long as one looks;
- the file is gone when the request or task is over, or lies below `SCALEREADY["SHARED_PATHS"]`;
- it is one of `DATABASES`: [db-sqlite](#db-sqlite) says that.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.witnessed import Fate, Kind, Seen, finding

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what was seen of it."""
    for seen in project.witnessed or ():
        if seen.kind is Kind.SQLITE:
            yield judge(seen)


def judge(seen: Seen) -> Finding:
    """Return the finding that one place amounts to."""
    severities = {Fate.STAYS: Severity.ERROR, Fate.TEMPORARY: Severity.WARNING}
    return finding(
        seen,
        f"{seen.who} writes to the SQLite file {seen.target}: each replica has its own.",
        "Keep it in one of DATABASES, or in Redis."
        if not seen.package
        else f"Give {seen.package} another backend, in Redis or in one of DATABASES.",
        severities.get(seen.fate, Severity.INFO),
    )


RULE = Rule("scaleready.E141", "witnessed-sqlite", find, Area.RUN, leak=Leak.DATA)
