"""Django Q's queue is local, or there is none.

With `sync` a task runs inside the request. With the ORM broker on SQLite the queue is a file of one
replica. Its statistics and locks live in a cache, which has to be shared too.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_q"]
Q_CLUSTER = {"name": "shop", "sync": True}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_q"]
Q_CLUSTER = {"name": "shop", "redis": "redis://localhost:6379/0"}
CACHES = {
    "default": {
        "BACKEND": "django_redis.cache.RedisCache",
        "LOCATION": "redis://localhost:6379/1",
    }
}
```

## Stays silent when

- the broker is shared and so is the cache, or Django Q is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.usage import is_local_cache

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what Q_CLUSTER keeps to one replica."""
    cluster = project.setting("Q_CLUSTER")
    if not cluster or not project.installed("django_q"):
        return
    sqlite = {database.alias for database in project.databases if database.vendor == "sqlite"}
    cache = cluster.get("cache", "default")
    faults = {
        "sync": (cluster.get("sync"), "runs tasks inside the request"),
        "orm": (cluster.get("orm") in sqlite, "keeps its queue in SQLite"),
        "cache": (is_local_cache(project, cache), f"uses the cache {cache!r}, which is local"),
    }
    for key, (wrong, what) in faults.items():
        if wrong:
            yield Finding(
                message=f"Django Q {what}.",
                hint="Use a Redis broker, and a shared cache.",
                location=project.where("Q_CLUSTER", key),
                severity=Severity.ERROR if key != "cache" else Severity.WARNING,
            )


RULE = Rule("scaleready.E046", "q-cluster", find, leak=Leak.WORK)
