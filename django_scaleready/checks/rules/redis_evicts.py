"""A full Redis throws out what must not be lost.

With `maxmemory` and a policy of `allkeys-...` Redis makes room by deleting keys, whichever they
are: a queue with its tasks, the schedule, somebody's session. Nothing fails and nothing is logged;
tasks are gone, jobs no longer run, visitors are logged out. A cache is what these policies are for,
and a cache that fills the same server is what triggers them.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://redis:6379/0"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://redis:6379/1",
    }
}
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```text title="redis.conf"
maxmemory 100mb
maxmemory-policy allkeys-lru
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
maxmemory 100mb
maxmemory-policy noeviction
```

## Stays silent when

- there is no `maxmemory`, or the policy is `noeviction`;
- the policy is `volatile-...` and only tasks and the schedule are there: they do not expire;
- the server holds caches only, or sessions of `cached_db`, which are in the database as well.

Sessions alone are a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.services.clients import Kind
from django_scaleready.checks.services.view import named, places

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project
    from django_scaleready.checks.services.clients import Use
    from django_scaleready.checks.services.view import RedisServer


def find(project: Project) -> Iterator[Finding]:
    """Yield each server that may throw out tasks, schedules or sessions."""
    for server in project.services.redis:
        if endangered := _endangered(server):
            first, *others = places((*endangered, *server.uses))
            facts = server.facts
            caches = server.holding(Kind.CACHE)
            filled = f"; it holds {named(caches)}, too" if caches else ""
            tasks = any(use.kind is not Kind.SESSIONS for use in endangered)
            yield Finding(
                message=(
                    f"{facts.product} deletes {named(endangered)} when its memory is full"
                    f" (maxmemory-policy {facts.policy}){filled}."
                ),
                hint=(
                    "Give them a server of their own with maxmemory-policy noeviction."
                    if tasks
                    else "Keep sessions in the database as well: a cached_db session engine."
                ),
                location=first,
                severity=Severity.ERROR if tasks else Severity.WARNING,
                related=tuple(others),
            )


def _endangered(server: RedisServer) -> tuple[Use, ...]:
    if server.facts.evicts_anything:
        return server.holding(Kind.TASKS, Kind.SCHEDULE, Kind.SESSIONS)
    # Of what must not be lost only sessions expire.
    return server.holding(Kind.SESSIONS) if server.facts.evicts_what_expires else ()


RULE = Rule("scaleready.E122", "redis-evicts", find, Area.LIVE, leak=Leak.WORK)
