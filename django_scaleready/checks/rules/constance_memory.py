"""Settings that are edited in the admin change in one process only.

Constance's memory backend is a dictionary: a value saved on one replica is unknown to the others
and lost on the next start.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "constance"]
CONSTANCE_BACKEND = "constance.backends.memory.MemoryBackend"
CONSTANCE_CONFIG = {"SHIPPING": (5, "in euro")}
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "constance"]
CONSTANCE_BACKEND = "constance.backends.database.DatabaseBackend"
CONSTANCE_CONFIG = {"SHIPPING": (5, "in euro")}
```

## Stays silent when

- the backend is Redis (constance's default) or the database, or constance is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for the memory backend."""
    backend = project.setting("CONSTANCE_BACKEND")
    if not backend or not project.installed("constance"):
        return
    if is_a(project.imported(backend), "constance.backends.memory.MemoryBackend"):
        yield Finding(
            message="Constance keeps its values in memory: each process has its own.",
            hint="Use constance.backends.database.DatabaseBackend, or Redis.",
            location=project.where("CONSTANCE_BACKEND"),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E025", "constance-memory", find, leak=Leak.STATE)
