"""Several replicas of a scheduler are started.

Each beat sends each periodic task, and each cron starts each job. Two of them, for safety, do
everything twice.

## Bad

```yaml title="docker-compose.yml"
services:
  beat:
    image: mysite
    command: celery -A mysite beat
    deploy:
      replicas: 2
```

## Good

```yaml title="docker-compose.yml"
services:
  beat:
    image: mysite
    command: celery -A mysite beat --scheduler django_scaleready.celery.scheduler.Scheduler
    deploy:
      replicas: 2
```

## Stays silent when

- there is one;
- the scheduler takes a lock: redbeat, and the scheduler of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.rules.celery_beat_embedded import takes_lock

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each process of which there are several although it sends tasks by the clock."""
    for process in project.deploy.processes:
        given = process.replicas
        if given is None or given.value <= 1 or process.serves:
            continue
        beats = [command for command in process.commands if command.runs_celery("beat")]
        if beats and not takes_lock(project, beats[0]):
            yield Finding(
                message=(
                    f"{given.value:g} replicas of {process.name!r}, a beat: each of them sends each"
                    " periodic task."
                ),
                hint=(
                    "Start one, or let them take a lock: --scheduler"
                    " django_scaleready.celery.scheduler.Scheduler."
                ),
                location=given.location,
                severity=Severity.ERROR,
                related=(beats[0].location,),
            )


RULE = Rule("scaleready.E135", "beat-replicated", find, Area.DEPLOY, leak=Leak.WORK)
