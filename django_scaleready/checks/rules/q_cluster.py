"""Django Q's queue is local, or there is none.

With `sync` a task runs inside the request. With the ORM broker on SQLite the queue is a file of one
replica. Its statistics live in a cache, which has to be shared too:
`cache-local` looks at that.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_q"]
Q_CLUSTER = {"name": "shop", "sync": True}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_q"]
Q_CLUSTER = {"name": "shop", "redis": "redis://localhost:6379/0"}
```

## Stays silent when

- the broker is shared, or Django Q is not installed.

It is information that the queue is in SQLite if that is the database `default`: `db-sqlite` tells
of that, and another database mends both.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what Q_CLUSTER keeps to one replica."""
    cluster = project.setting("Q_CLUSTER")
    if not cluster or not project.installed("django_q"):
        return
    sqlite = {database.alias for database in project.databases if database.vendor == "sqlite"}
    orm = cluster.get("orm")
    known = Severity.INFO if orm == "default" else Severity.ERROR
    faults = {
        "sync": (cluster.get("sync"), "runs tasks inside the request", Severity.ERROR),
        "orm": (orm in sqlite, "keeps its queue in SQLite", known),
    }
    for key, (wrong, what, severity) in faults.items():
        if wrong:
            yield Finding(
                message=f"Django Q {what}.",
                hint="Use a Redis broker, and leave sync to tests.",
                location=project.where("Q_CLUSTER", key),
                severity=severity,
            )


RULE = Rule("scaleready.E046", "q-cluster", find, leak=Leak.WORK)
