"""The search index is a folder on the replica's own disk.

Whoosh and Xapian write their index to a path. What one replica indexes the others do not find, and
a new replica finds nothing. The simple backend has no index; it runs LIKE queries and is meant for
development.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "haystack"]
HAYSTACK_CONNECTIONS = {"default": {"ENGINE": "haystack.backends.simple_backend.SimpleEngine"}}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready"]
HAYSTACK_CONNECTIONS = {}
```

## Stays silent when

- the engine is a server (Elasticsearch, Solr), or haystack is not installed;
- `PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

ON_DISK = ("haystack.backends.whoosh_backend.WhooshEngine", "xapian_backend.XapianEngine")
SIMPLE = "haystack.backends.simple_backend.SimpleEngine"


def find(project: Project) -> Iterator[Finding]:
    """Yield each search engine that is not shared."""
    if not project.installed("haystack"):
        return
    for alias, config in (project.setting("HAYSTACK_CONNECTIONS") or {}).items():
        dotted = config.get("ENGINE")
        if not dotted:
            # A scan may not be able to tell; haystack itself refuses to start without.
            continue
        engine = project.imported(dotted)
        path = config.get("PATH")
        if is_a(engine, SIMPLE):
            severity, where = Severity.WARNING, "has no index at all"
        elif is_a(engine, *ON_DISK) and not (path and project.is_shared(path)):
            severity, where = Severity.ERROR, "is kept on the replica's own disk"
        else:
            continue
        yield Finding(
            message=f"The search index {alias!r} {where} ({dotted}).",
            hint="Use a search server, or PostgreSQL's full-text search.",
            location=project.where("HAYSTACK_CONNECTIONS", alias),
            severity=severity,
        )


RULE = Rule("scaleready.E024", "haystack-local", find, leak=Leak.DATA)
