"""A task is acknowledged when it begins, so a worker that is stopped too soon loses it.

The broker forgets a task once it is acknowledged. A replica that is replaced, or killed for its
memory, takes the tasks along that its worker has begun. `task_acks_late` keeps them at the broker
until they are done; `task_reject_on_worker_lost` gives them back when the child alone is killed.

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
def invoice():
    ...
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```python title="shop/tasks.py"
from shop.celery import app


@app.task
def invoice():
    ...
```

## Stays silent when

- tasks are acknowledged late, all of them or each by its own option;
- the project has no tasks, or they run eagerly.

It is information only: late acknowledgement asks for tasks that may run twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if a worker's end is the end of its tasks."""
    if project.celery is None or project.celery.conf.task_always_eager:
        return
    early = [task for task in project.celery_tasks if not task.acks_late]
    if early and not project.celery.conf.task_acks_late:
        more = f" and {len(early) - 1} more" if early[1:] else ""
        yield Finding(
            message=f"A worker that is killed loses the Celery task {early[0].name}{more}: it is"
            " acknowledged when it begins.",
            hint=(
                "For tasks that may run twice set CELERY_TASK_ACKS_LATE and"
                " CELERY_TASK_REJECT_ON_WORKER_LOST."
            ),
            location=project.celery_place("task_acks_late"),
            severity=Severity.INFO,
        )


RULE = Rule("scaleready.I087", "celery-acks-early", find, leak=Leak.WORK)
