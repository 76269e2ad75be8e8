"""A task that hangs occupies its worker process for ever.

A worker does not stop a task that waits for a dead host. One such task per process and the queue
stands still on all replicas, although every worker says that it is alive.

## Bad

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```python title="shop/tasks.py"
from shop.celery import app


@app.task
def refresh():
    ...
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_TIME_LIMIT = 600
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```python title="shop/tasks.py"
from shop.celery import app


@app.task
def refresh():
    ...
```

## Stays silent when

- a limit is set, hard or soft, for all tasks or on each task;
- every worker that the deploy files start is given one: `celery worker --time-limit 600`;
- the project has no tasks.

It is information if a limit is given by a name that Celery does not read: that is told of the
setting ([celery-setting](#celery-setting)).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.celery_names import names_of
from django_scaleready.checks.rules.celery_setting import meaning

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

LIMITS = ("CELERY_TASK_TIME_LIMIT", "CELERY_TASK_SOFT_TIME_LIMIT")
OPTIONS = ("--time-limit", "--soft-time-limit")


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if a task has no limit of its own and there is none for all."""
    if project.celery is None:
        return
    conf = project.celery.conf
    if conf.task_time_limit or conf.task_soft_time_limit:
        return
    if limits_all(project):
        return
    unbounded = [t for t in project.celery_tasks if not (t.time_limit or t.soft_time_limit)]
    if unbounded:
        first = unbounded[0].name
        others = f" and {len(unbounded) - 1} more" if len(unbounded) > 1 else ""
        unread = [name for name in LIMITS if project.setting(name)]
        hint = "Set CELERY_TASK_TIME_LIMIT, below the broker's visibility timeout."
        # That one setting is told of where it stands.
        told = meaning(project, *names_of("task_time_limit", "task_soft_time_limit"))
        if unread:
            hint = f'Celery does not read {unread[0]}: give its app namespace="CELERY".'
        yield Finding(
            message=f"The Celery task {first}{others} may run for ever: there is no time limit.",
            hint=hint,
            location=project.celery_place("task_time_limit", "task_soft_time_limit"),
            severity=Severity.INFO if told else Severity.WARNING,
            related=(
                *map(project.where, told),
                *project.celery_files("task_time_limit", "task_soft_time_limit"),
            ),
        )


def limits_all(project: Project) -> bool:
    """Whether a deployment starts each of its workers with a time limit."""
    workers = [command for command in project.deploy.commands if command.runs_celery("worker")]
    return bool(workers) and all(command.has_option(*OPTIONS) for command in workers)


RULE = Rule("scaleready.W086", "celery-no-time-limit", find, leak=Leak.CONNECTIONS)
