"""Tasks run in the web process instead of a worker.

`task_always_eager` makes `.delay()` an ordinary call: the visitor waits, a deploy cuts the task
off, retries and time limits do not apply, and the workers stand idle.

## Bad

```python title="settings.py"
CELERY_TASK_ALWAYS_EAGER = True
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BROKER_URL = "redis://localhost:6379/2"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- it is off. With DEBUG on it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if tasks are eager."""
    if project.celery is not None and project.celery.conf.task_always_eager:
        yield Finding(
            message="Celery tasks run eagerly, in the web process: a deploy cuts them off.",
            hint="Leave CELERY_TASK_ALWAYS_EAGER to tests.",
            location=project.celery_place("task_always_eager"),
            severity=Severity.WARNING if project.setting("DEBUG") else Severity.ERROR,
        )


RULE = Rule("scaleready.E085", "celery-eager", find, leak=Leak.WORK)
