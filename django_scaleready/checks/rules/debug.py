"""DEBUG is on: the development server's behaviour, on every replica.

Every query of a process is kept in memory until the process ends, static files are served by the
view that is meant for development, and a visitor who meets an error is shown the settings of
whichever replica answered. Host names are not checked either, so a load balancer that is set up
wrongly goes unnoticed.

## Bad

```python title="settings.py"
DEBUG = True
```

## Good

```python title="settings.py"
DEBUG = False
```

## Stays silent when

- `DEBUG` is false in the process that runs the check: run it with the environment of the
  deployment.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if DEBUG is on."""
    if project.setting("DEBUG"):
        yield Finding(
            message=(
                "DEBUG is on: memory grows with every query, and local defaults stand in for"
                " services that the replicas would share."
            ),
            hint="Set DEBUG to False, and run the check with the environment of the deployment.",
            location=project.where("DEBUG"),
            severity=Severity.WARNING,
        )


RULE = Rule("scaleready.W019", "debug", find, leak=Leak.LIFECYCLE)
