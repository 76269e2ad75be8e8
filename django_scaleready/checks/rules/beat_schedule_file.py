"""Celery beat remembers in a file what it has run.

The default scheduler keeps the time of each job's last run in a shelve file in the working
directory. On a replaced replica the file is gone and daily jobs run again or not at all; with two
beats, each has a file of its own and every job runs twice.

## Bad

```python title="settings.py"
CELERY_BEAT_SCHEDULE = {"refresh": {"task": "shop.tasks.refresh", "schedule": 300}}
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Good

```python title="settings.py"
CELERY_BEAT_SCHEDULE = {"refresh": {"task": "shop.tasks.refresh", "schedule": 300}}
CELERY_BEAT_SCHEDULER = "django_scaleready.celery.scheduler.Scheduler"
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

## Stays silent when

- the scheduler keeps its state in Redis (redbeat) or in the database (django-celery-beat);
- there is nothing to schedule and the Procfile starts no beat, or the beat it starts names a
  scheduler of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.celery_names import names_of
from django_scaleready.checks.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if something is scheduled with the default scheduler."""
    if project.celery is None:
        return
    conf = project.celery.conf
    commands = [command for command in project.deploy.commands if command.runs_celery("beat")]
    if not is_a(project.celery_symbol(conf.beat_scheduler), "celery.beat.PersistentScheduler"):
        return
    if any(command.has_option("-S", "--scheduler") for command in commands):
        return
    if conf.beat_schedule or commands:
        # A path of the project's own is no less one replica's.
        filenames = names_of("beat_schedule_filename")
        yield Finding(
            message=(
                f"Celery beat keeps its schedule in the file {conf.beat_schedule_filename}: lost"
                " with the replica, and doubled by a second beat."
            ),
            hint=(
                "Use redbeat: CELERY_BEAT_SCHEDULER ="
                ' "django_scaleready.celery.scheduler.Scheduler".'
            ),
            location=project.celery_place("beat_scheduler", "beat_schedule"),
            severity=Severity.WARNING,
            related=(
                *(command.location for command in commands),
                *(project.where(name) for name in filenames if project.is_set(name)),
                *project.celery_files("beat_scheduler"),
            ),
        )


RULE = Rule("scaleready.W081", "beat-schedule-file", find, leak=Leak.WORK)
