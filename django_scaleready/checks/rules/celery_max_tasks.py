"""A worker's processes are never replaced, or the option that should do it has no effect.

A process that leaks a little with every task grows until the machine kills it, in the middle of a
task. `worker_max_tasks_per_child` replaces it in time, but only in the prefork pool: threads, solo
and gevent ignore the option silently.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_WORKER_POOL = "threads"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 400
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_WORKER_MAX_TASKS_PER_CHILD = 400
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- the pool is prefork and a bound is set, by tasks or by memory, in the settings or in the Procfile.

Without any bound it is information; with a bound that the pool ignores, a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

OPTIONS = ("--max-tasks-per-child", "--max-memory-per-child")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if no bound takes effect."""
    if project.celery is None or project.celery.conf.task_always_eager:
        return
    conf = project.celery.conf
    workers = [command for command in project.deploy.commands if command.runs_celery("worker")]
    given = [command for command in workers if command.has_option(*OPTIONS)]
    bounded = bool(conf.worker_max_tasks_per_child or conf.worker_max_memory_per_child or given)
    pools = {command.option("-P", "--pool") or conf.worker_pool for command in workers}
    ignoring = sorted(
        {str(pool) for pool in pools or {conf.worker_pool}} - {"prefork", "processes"}
    )
    if bounded and not ignoring:
        return
    if bounded:
        message = f"The {ignoring[0]} pool ignores worker_max_tasks_per_child: nothing is replaced."
    else:
        message = "Celery's worker processes are never replaced, however much they grow."
    yield Finding(
        message=message,
        hint="Set CELERY_WORKER_MAX_TASKS_PER_CHILD, and use the prefork pool.",
        location=project.celery_place("worker_max_tasks_per_child"),
        severity=Severity.WARNING if bounded else Severity.INFO,
        related=tuple(command.location for command in given),
    )


RULE = Rule("scaleready.W088", "celery-max-tasks", find, leak=Leak.LIFECYCLE)
