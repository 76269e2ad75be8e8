"""django-defender counts failed logins in a made-up Redis, in the memory of each process.

`DEFENDER_MOCK_REDIS` is there for tests. Left on, whoever guesses passwords has as many attempts in
each process as the limit allows in all, and whoever is locked out of one is let in by the next.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "defender"]
DEFENDER_MOCK_REDIS = True
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "defender"]
DEFENDER_REDIS_URL = "redis://localhost:6379/0"
```

## Stays silent when

- the setting is off, which is its default, or the app is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the counters are in memory."""
    if project.installed("defender") and project.setting("DEFENDER_MOCK_REDIS", False):
        yield Finding(
            message="django-defender counts failed logins in the memory of each process.",
            hint="Leave DEFENDER_MOCK_REDIS to tests, and set DEFENDER_REDIS_URL.",
            location=project.where("DEFENDER_MOCK_REDIS"),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E030", "defender-mock", find, leak=Leak.STATE)
