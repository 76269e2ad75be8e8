"""A Celery worker carries a beat inside, one for each replica.

`celery worker -B` starts a beat in the worker's process. With two workers there are two beats, and
each periodic task is sent twice. Celery's documentation allows it for one worker only.

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
  package, by `--scheduler` or by the setting.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

LOCKING = ("redbeat", "django_scaleready")


def takes_lock(project: Project, command: Command) -> bool:
    """Whether a beat's scheduler lets only one of several send."""
    given = command.option("-S", "--scheduler")
    configured = project.setting("CELERY_BEAT_SCHEDULER") or ""
    # A class that the settings import may be known by the name alone: RedBeatScheduler.
    imported = project.places.written_as("CELERY_BEAT_SCHEDULER")
    return any(name in str(given or configured or imported).lower() for name in LOCKING)


def find(project: Project) -> Iterator[Finding]:
    """Yield each worker that is started with a beat inside."""
    seen = set()
    for command in project.deploy.commands:
        if not command.embeds_beat or command.location in seen or takes_lock(project, command):
            continue
        seen.add(command.location)
        yield Finding(
            message=(
                f"The worker of {command.name!r} is started with a beat inside: with two workers"
                " each periodic task is sent twice."
            ),
            hint="Start `celery beat` as a process of its own, with redbeat's lock for a second.",
            location=command.location,
            severity=Severity.ERROR if command.sure else Severity.WARNING,
            confidence=Confidence.HIGH if command.sure else Confidence.MEDIUM,
        )


RULE = Rule("scaleready.E082", "celery-beat-embedded", find, Area.DEPLOY, leak=Leak.WORK)
