"""The search index is a folder on the replica's own disk.

Whoosh and Xapian write their index to a path. What one replica indexes the others do not find, and
a new replica finds nothing.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "haystack"]
HAYSTACK_CONNECTIONS = {
    "default": {
        "ENGINE": "haystack.backends.whoosh_backend.WhooshEngine",
        "PATH": "/srv/shop/index",
    }
}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready"]
HAYSTACK_CONNECTIONS = {}
```

## Stays silent when

- the engine is a server (Elasticsearch, Solr), or haystack is not installed;
- the engine is haystack's simple one: it has no index, and asks the database with LIKE;
- `PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

ON_DISK = ("haystack.backends.whoosh_backend.WhooshEngine", "xapian_backend.XapianEngine")


def find(project: Project) -> Iterator[Finding]:
    """Yield each search engine that keeps its index on a disk which is not shared."""
    if not project.installed("haystack"):
        return
    for alias, config in (project.setting("HAYSTACK_CONNECTIONS") or {}).items():
        dotted = config.get("ENGINE")
        if not dotted:
            # A scan may not be able to tell; haystack itself refuses to start without.
            continue
        path = config.get("PATH")
        # The library of an engine that is known by its name need not be here.
        on_disk = dotted in ON_DISK or is_a(project.imported(dotted), *ON_DISK)
        if not on_disk or (path and project.is_shared(path)):
            continue
        yield Finding(
            message=f"The search index {alias!r} is kept on the replica's own disk ({dotted}).",
            hint="Use a search server, or PostgreSQL's full-text search.",
            location=project.where("HAYSTACK_CONNECTIONS", alias),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E024", "haystack-local", find, leak=Leak.DATA)
