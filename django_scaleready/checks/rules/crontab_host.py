"""Periodic jobs are written to the crontab of one machine.

django-crontab edits the host's crontab. With two replicas the jobs run twice, or on the one whose
start script added them; a new replica has none. `CRONTAB_LOCK_JOBS` locks a file in /tmp, which
excludes nobody on another host.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_crontab"]
CRONJOBS = [("0 4 * * *", "shop.cron.clean_up")]
```

## Good

```python title="settings.py"
CELERY_BEAT_SCHEDULE = {"clean-up": {"task": "shop.tasks.clean_up", "schedule": 86400}}
```

## Stays silent when

- CRONJOBS is empty, or django-crontab is not installed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if there are cron jobs."""
    if project.installed("django_crontab") and project.setting("CRONJOBS"):
        yield Finding(
            message="CRONJOBS are written to one machine's crontab: twice, or on one replica only.",
            hint="Use Celery beat with redbeat, or the platform's scheduled jobs.",
            location=project.where("CRONJOBS"),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E049", "crontab-host", find, leak=Leak.WORK)
