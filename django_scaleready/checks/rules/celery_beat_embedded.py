"""A Celery worker carries a beat inside, one for each replica.

`celery worker -B` starts a beat in the worker's process. With two workers there are two beats, and
each periodic task is sent twice. Celery's documentation allows it for one worker only. So it is
with a container that starts a beat beside its worker, by supervisord or in a script.

## Bad

```text title="Procfile"
worker: celery -A mysite worker -B
```

## Good

```text title="Procfile"
worker: celery -A mysite worker
beat: celery -A mysite beat --scheduler django_scaleready.celery.scheduler.Scheduler
```

## Stays silent when

- the scheduler takes a lock, so that only one of them sends: redbeat, and the scheduler of this
  package, by `--scheduler` or by the setting;
- the beat is beside a worker on a machine, or where a file says how many there are of the two:
  `replicas: 1`. Of several, `beat-replicated` speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

CONTAINERS = frozenset({Kind.DOCKERFILE, Kind.COMPOSE})
LOCKING = ("redbeat", "django_scaleready")


def takes_lock(project: Project, command: Command) -> bool:
    """Whether a beat's scheduler lets only one of several send."""
    given = command.option("-S", "--scheduler")
    configured = project.setting("CELERY_BEAT_SCHEDULER") or ""
    # A class that the settings import may be known by the name alone: RedBeatScheduler.
    imported = project.places.written_as("CELERY_BEAT_SCHEDULER")
    return any(name in str(given or configured or imported).lower() for name in LOCKING)


def find(project: Project) -> Iterator[Finding]:
    """Yield each worker that is started with a beat inside, or with one beside it."""
    seen = set()
    for command, what in _beats(project):
        sure = command.sure and command.embeds_beat
        if command.location in seen or takes_lock(project, command):
            continue
        seen.add(command.location)
        yield Finding(
            message=f"{what}: with two workers each periodic task is sent twice.",
            hint="Start `celery beat` as a process of its own, with redbeat's lock for a second.",
            location=command.location,
            severity=Severity.ERROR if sure else Severity.WARNING,
            confidence=Confidence.HIGH if sure else Confidence.MEDIUM,
        )


def _beats(project: Project) -> Iterator[tuple[Command, str]]:
    """Yield the beats of which there is one for each worker, with what is said of them."""
    for command in project.deploy.commands:
        if command.embeds_beat:
            yield command, f"The worker of {command.name!r} is started with a beat inside"
    processes = project.deploy.processes
    said = {command.location for p in processes if _is_one(p) for command in p.commands}
    for process in processes:
        inside = (
            process.own and process.kind in CONTAINERS and any(c.works for c in process.commands)
        )
        for command in process.commands if inside else ():
            if command.runs_celery("beat") and command.location not in said:
                yield command, f"{process.name!r} starts a beat beside its worker"


def _is_one(process: Process) -> bool:
    """Whether a container is told how many there are of it, or another rule speaks of its beat."""
    said = process.replicas is not None or process.overlaps
    return said or process.serves or process.once or process.on_demand


RULE = Rule("scaleready.E082", "celery-beat-embedded", find, Area.DEPLOY, leak=Leak.WORK)
