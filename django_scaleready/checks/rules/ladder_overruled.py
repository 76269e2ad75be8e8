"""A time-out is declared twice with different values, and only one of them holds.

Options on gunicorn's and Celery's command lines, and settings of the project, win over
`SCALEREADY`; `GUNICORN_`, `DATABASE_` and `CELERY_` variables too. All that follows from the figure
that lost, such as a grace period or a probe, was made for another replica than the one that runs.

## Bad

```python title="settings.py"
SCALEREADY = {"GRACEFUL_TIMEOUT": 20}
```

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn --graceful-timeout 10 mysite.wsgi
```

## Good

```python title="settings.py"
SCALEREADY = {"GRACEFUL_TIMEOUT": 20}
```

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

## Stays silent when

- a figure is declared once, wherever that is, or everywhere with the same value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.figures import BY_NAME, strongest

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each declaration of a figure that a stronger one contradicts."""
    held = project.ladder_declarations
    winners = strongest(held)
    for one in held:
        winner = winners[one.figure]
        if one.value != winner.value:
            option = BY_NAME[one.figure].option
            yield Finding(
                message=(
                    f"{one.source} says {one.value:g}, but {winner.source} says {winner.value:g},"
                    " and that holds."
                ),
                hint=(
                    f"Keep one of them. SCALEREADY_{option} in the environment is seen by all:"
                    " gunicorn's configuration and the settings import run before SCALEREADY."
                ),
                location=one.location,
                severity=Severity.WARNING,
            )


RULE = Rule("scaleready.W111", "ladder-overruled", find, leak=Leak.CONNECTIONS)
