"""Several replicas of a scheduler are started.

Each beat sends each periodic task, and each cron starts each job. Two of them, for safety, do
everything twice. So do the two that Kubernetes lets run during a rollout: a Deployment starts the
new pod before it stops the old one, unless its strategy is `Recreate`.

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

- there is one, and no rollout starts another beside it (`strategy: {type: Recreate}`);
- the scheduler takes a lock: redbeat, and the scheduler of this package.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.rules.celery_beat_embedded import takes_lock

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

LOCK = "--scheduler django_scaleready.celery.scheduler.Scheduler"


def find(project: Project) -> Iterator[Finding]:
    """Yield each process of which there are several although it sends tasks by the clock."""
    for process in project.deploy.processes:
        beats = [command for command in process.commands if command.runs_celery("beat")]
        if not beats or process.serves or takes_lock(project, beats[0]):
            continue
        given = process.replicas
        if given is not None and given.value > 1:
            yield Finding(
                message=(
                    f"{given.value:g} replicas of {process.name!r}, a beat: each of them sends each"
                    " periodic task."
                ),
                hint=f"Start one, or let them take a lock: {LOCK}.",
                location=given.location,
                severity=Severity.ERROR,
                related=(beats[0].location,),
            )
        elif process.overlaps:
            yield Finding(
                message=(
                    f"A rollout starts the new {process.name!r}, a beat, before the old one has"
                    " ended: meanwhile each periodic task is sent twice."
                ),
                hint=f"Set strategy: {{type: Recreate}}, or let them take a lock: {LOCK}.",
                location=process.location,
                severity=Severity.WARNING,
                related=tuple({beats[0].location} - {process.location}),
            )


RULE = Rule("scaleready.E135", "beat-replicated", find, Area.DEPLOY, leak=Leak.WORK)
