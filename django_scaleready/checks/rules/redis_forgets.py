"""A restart of Redis loses the tasks that wait, the schedule, or the sessions.

Without an append-only file and without snapshots Redis keeps everything in memory alone. It is
restarted more often than the database: a new node, an update, a machine that runs out of memory.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://redis:6379/0"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```text title="redis.conf"
appendonly no
save ""
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://redis:6379/0"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```text title="redis.conf"
appendonly yes
```

## Stays silent when

- there is an append-only file, or snapshots are taken: those lose the last minutes at most;
- the server does not let on whether it takes snapshots, as some managed services;
- it holds caches only, results, or sessions of `cached_db`, which are in the database as well.

With a replica of the server, which may take over, it is information.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.services.clients import Kind
from django_scaleready.checks.services.view import named, places

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each server that forgets tasks, schedules or sessions."""
    for server in project.services.redis:
        kept = server.holding(Kind.TASKS, Kind.SCHEDULE, Kind.SESSIONS)
        if not kept or not server.facts.forgets:
            continue
        first, *others = places(kept)
        copies = server.facts.copies
        followed = f" ({copies} of its replicas may take over)" if copies else ""
        yield Finding(
            message=(
                f"{server.facts.product} holds {named(kept)} in memory alone: a restart loses"
                f" them{followed}."
            ),
            hint="Switch on its append-only file (appendonly yes) on a disk that outlives it.",
            location=first,
            severity=Severity.INFO if copies else Severity.WARNING,
            confidence=Confidence.MEDIUM if copies else Confidence.HIGH,
            related=tuple(others),
        )


RULE = Rule("scaleready.W123", "redis-forgets", find, Area.LIVE, leak=Leak.WORK)
