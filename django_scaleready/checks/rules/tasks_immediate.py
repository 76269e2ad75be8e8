"""Background tasks run inside the request that enqueues them.

Django's default for TASKS runs a task at once, in the web process. The visitor waits for it, a
deploy cuts it off, and nothing tries it again.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_tasks"]
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready"]
TASKS = {}
```

## Stays silent when

- the backend hands the task to a queue;
- nothing in the project imports `django.tasks` and TASKS is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.summary import Summary
    from django_scaleready.checks.project import Project

MODULES = ("django.tasks", "django_tasks")
LOCAL = tuple(
    f"{module}.backends.{backend}"
    for module in MODULES
    for backend in ("immediate.ImmediateBackend", "dummy.DummyBackend")
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each backend of TASKS that has no queue behind it."""
    users = project.code.once(_users)
    if not project.is_set("TASKS") and not users:
        return
    for alias, config in (project.setting("TASKS") or {}).items():
        if is_a(project.imported(config["BACKEND"]), *LOCAL):
            yield Finding(
                message=f"TASKS[{alias!r}] runs in the web process, where a deploy cuts tasks off.",
                hint="Use a backend with a queue, such as django-tasks-db, or Celery.",
                location=project.where("TASKS", alias),
                severity=Severity.WARNING,
                related=tuple(Location(source.path) for source in users),
            )


def _users(code: Codebase) -> list[Summary]:
    return [source for source in code if any(n.startswith(MODULES) for n in source.imported)]


RULE = Rule("scaleready.W021", "tasks-immediate", find, leak=Leak.WORK)
