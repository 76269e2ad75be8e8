"""Huey's queue is a file or the memory of one process.

A task enqueued on one replica waits in a place where the consumer on another does not look; in
immediate mode it runs inside the request.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "huey.contrib.djhuey"]
HUEY = {"huey_class": "huey.SqliteHuey", "filename": "huey.db", "immediate": False}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "huey.contrib.djhuey"]
HUEY = {"huey_class": "huey.RedisHuey", "immediate": False}
```

## Stays silent when

- the queue is in Redis or PostgreSQL, or huey is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.queues import huey_storage, is_local_queue

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield what is wrong with HUEY, given as an instance or as a dictionary."""
    storage = huey_storage(project)
    if storage is None:
        return
    huey = project.setting("HUEY")
    if isinstance(huey, dict):
        immediate = huey.get("immediate", project.setting("DEBUG"))
    else:
        immediate = huey.immediate
    if is_local_queue(project) or immediate:
        where = (
            "runs tasks inside the request"
            if immediate
            else f"keeps its queue in {storage.__name__}"
        )
        yield Finding(
            message=f"Huey {where}: a consumer on another replica never sees them.",
            hint="Use huey.RedisHuey with immediate=False.",
            location=project.where("HUEY"),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E044", "huey-local", find, leak=Leak.WORK)
