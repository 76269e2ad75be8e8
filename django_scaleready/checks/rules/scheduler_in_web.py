"""A scheduler runs inside the web container, once for each replica.

Cron, Celery's beat or a loop that is started beside the web server exists as often as there are
replicas: each job runs that many times. It is stopped with the web server, too, in the middle of
whatever it does.

## Bad

```text title="start.sh"
#!/bin/sh
celery -A mysite beat &
exec gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY start.sh /start.sh
CMD ["/start.sh"]
```

## Good

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
beat: celery -A mysite beat --scheduler django_scaleready.celery.scheduler.Scheduler
```

## Stays silent when

- the scheduler is a process of its own: a service, a unit, a line of a Procfile, a CronJob.

A worker that takes tasks from a queue beside the web server is information: its work is done once,
but the two can only be scaled and stopped together.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

HINT = "Start it as a process of its own, of which there is one."


def find(project: Project) -> Iterator[Finding]:
    """Yield what each container that serves starts by the clock, or takes from a queue."""
    seen = set()
    for process in project.deploy.processes:
        if not process.serves or process.once:
            continue
        others = [c for c in process.commands if c.location not in seen and not c.serves]
        clocks = [command for command in others if command.schedules]
        workers = [command for command in others if command.works and not command.schedules]
        seen |= {command.location for command in (*clocks, *workers)}
        if clocks:
            yield _clock(process, clocks)
        if workers:
            yield _worker(process, workers)


def _clock(process: Process, found: list[Command]) -> Finding:
    sure = found[0].sure
    return Finding(
        message=(
            f"{_shown(found[0])} runs inside {process.name!r}, which serves requests: with each"
            " replica there is one more of it, and each job runs once more."
        ),
        hint=HINT,
        location=found[0].location,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        related=_related(found),
    )


def _worker(process: Process, found: list[Command]) -> Finding:
    return Finding(
        message=(
            f"{_shown(found[0])} runs inside {process.name!r}, which serves requests: the two are"
            " scaled and stopped together."
        ),
        hint="Start it as a process of its own.",
        location=found[0].location,
        severity=Severity.INFO,
        confidence=Confidence.MEDIUM,
        related=_related(found),
    )


def _related(found: list[Command]) -> tuple[Location, ...]:
    starters = (place for command in found for place in command.via)
    return tuple(dict.fromkeys([*(command.location for command in found[1:]), *starters]))


def _shown(command: Command) -> str:
    if command.program == "celery":
        return "celery beat" if command.runs_celery("beat") else "celery worker"
    return command.management or command.program


RULE = Rule("scaleready.W094", "scheduler-in-web", find, Area.DEPLOY, leak=Leak.WORK)
