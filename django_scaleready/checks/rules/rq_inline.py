"""Jobs of RQ run inside the request that enqueues them.

With `"ASYNC": False` the queue is none: the visitor waits for the job, a deploy cuts it off, and
the workers stand idle.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_rq"]
RQ_QUEUES = {"default": {"URL": "redis://localhost:6379/0", "ASYNC": False}}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_rq"]
RQ_QUEUES = {"default": {"URL": "redis://localhost:6379/0"}}
```

## Stays silent when

- the queue is asynchronous, which is its default, or the app is not installed;
- it is asynchronous by a variable that a compose file or its `env_file` turns on for all services
  of the image: `SHOP_ASYNC=True` (`scan` only).

With DEBUG on it is a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each queue whose jobs run at once."""
    if not project.installed("django_rq"):
        return
    for name, queue in (project.setting("RQ_QUEUES") or {}).items():
        if isinstance(queue, dict) and not queue.get("ASYNC", True):
            yield Finding(
                message=f"Jobs of RQ's queue {name!r} run in the web process: a deploy cuts them"
                " off.",
                hint="Leave ASYNC to tests.",
                location=project.where("RQ_QUEUES", name, "ASYNC"),
                severity=Severity.WARNING if project.setting("DEBUG") else Severity.ERROR,
            )


RULE = Rule("scaleready.E052", "rq-inline", find, leak=Leak.WORK)
