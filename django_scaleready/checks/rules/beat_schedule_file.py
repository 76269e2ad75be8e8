"""Celery beat remembers in a file what it has run.

The default scheduler keeps the time of each job's last run in a shelve file in the working
directory. On a replaced replica the file is gone and daily jobs run again or not at all; with two
beats, each has a file of its own and every job runs twice. A path that the beat is told
(`--schedule`) may be on a volume, which is one machine's.

## Bad

```python title="settings.py"
CELERY_BEAT_SCHEDULE = {"refresh": {"task": "shop.tasks.refresh", "schedule": 300}}
```

```python title="shop/celery.py"
from celery import Celery

app = Celery("shop")
app.config_from_object("django.conf:settings", namespace="CELERY")
```

```python title="shop/__init__.py"
from shop.celery import app
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

```python title="shop/__init__.py"
from shop.celery import app
```

## Stays silent when

- the scheduler keeps its state in Redis (redbeat) or in the database (django-celery-beat);
- there is nothing to schedule, or only under a name that Celery does not look for, as
  `CELERY_BEAT_SCHEDULE` without a namespace, and the Procfile starts no beat, or the beat it
  starts names a scheduler of its own;
- nothing that is deployed starts a beat, and a file for developers that does, or a task of
  `pyproject.toml`, names a scheduler of its own;
- the only beat is inside a worker, which [celery-beat-embedded](#celery-beat-embedded) tells of,
  and all that is scheduled are intervals of ten minutes or less: what is forgotten is soon made up.

It is information where nothing imports the app's file, no function is decorated as a task, and
nothing that is deployed starts Celery: settings for those who choose it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.files import read
from django_scaleready.checks.known.celery_names import names_of
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.rules.celery_beat_embedded import takes_lock

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

SOON = 600
# A command has no more of them, mostly.
LINES = 20
_TOLD = re.compile(r"\bcelery\b[^\n]*\sbeat\s([^\n]*\s)?(-S|--scheduler)\b")


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
    if not commands and _is_told_elsewhere(project):
        return
    if not commands and _is_embedded(project) and _is_soon(project, conf.beat_schedule):
        return
    if conf.beat_schedule or commands:
        # A path of the project's own is no less one replica's.
        filenames = names_of("beat_schedule_filename")
        told = _told_where(project)
        filename = next(iter(told.values()), conf.beat_schedule_filename)
        yield Finding(
            message=(
                f"Celery beat keeps its schedule in the file {filename}: lost with the replica,"
                " and doubled by a second beat."
            ),
            hint=(
                "Use redbeat: CELERY_BEAT_SCHEDULER ="
                ' "django_scaleready.celery.scheduler.Scheduler".'
            ),
            location=project.celery_place("beat_scheduler", "beat_schedule"),
            severity=Severity.INFO if _is_dormant(project) else Severity.WARNING,
            related=(
                *_starting(commands, [_line(project, *beat) for beat in told.items()]),
                *(project.where(name) for name in filenames if project.is_set(name)),
                *project.celery_files("beat_scheduler"),
            ),
        )


def _is_dormant(project: Project) -> bool:
    """Whether nothing imports the app, decorates a task or is seen to start anything of Celery."""
    if any(command.program == "celery" for command in project.deploy.commands):
        return False
    code = project.code
    apps = {source.path for source, _ in project.celery_sites}
    # Who imports celery has the package, whatever a file of the project is called.
    names = [name for name in code.importing if name.partition(".")[0] != "celery"]
    imported = (source.path for source in map(code.imported, names) if source)
    return apps.isdisjoint(imported) and not any(code.facts("celery-tasks"))


def _starting(commands: list[Command], told: list[Location]) -> Iterator[Location]:
    """Yield where the beats stand, who starts a script that runs one, and where one is told."""
    places = (place for command in commands for place in (command.location, *command.via))
    yield from dict.fromkeys([*places, *told])


def _told_where(project: Project) -> dict[Command, str]:
    """Return the beats, also those inside workers, that are told in which file to keep it."""
    beats = (c for c in project.deploy.commands if c.embeds_beat or c.runs_celery("beat"))
    names = ("-s", "--schedule", "--schedule-filename")
    return {command: path for command in beats if (path := command.option(*names))}


def _line(project: Project, command: Command, path: str) -> Location:
    """Return where a command of several lines says a path."""
    place = command.location
    texts = (file.text for file in project.deploy.files if file.path == place.path)
    lines = next(texts, "").splitlines()[place.line - 1 : place.line - 1 + LINES]
    behind = next((n for n, line in enumerate(lines) if path in line), 0)
    return Location(place.path, place.line + behind)


def _is_told_elsewhere(project: Project) -> bool:
    """Whether those who start a beat on a machine of their own name its scheduler."""
    if any(command.embeds_beat for command in project.deploy.commands):
        return False
    tasks = read(project.root / "pyproject.toml", project.root)
    texts = [file.text for file in project.deploy.files]
    return any(map(_TOLD.search, [*texts, tasks] if isinstance(tasks, str) else texts))


def _is_embedded(project: Project) -> bool:
    """Whether a worker has a beat inside, which is a finding of its own."""
    return any(c.embeds_beat and not takes_lock(project, c) for c in project.deploy.commands)


def _is_soon(project: Project, schedule: Mapping[str, Mapping[str, object]]) -> bool:
    """Whether all that is scheduled comes round again in minutes, whatever was forgotten."""
    # What is scheduled in code alone stands for all of that, without a time.
    given = [entry.get("schedule") for entry in schedule.values() if entry]
    given += [fact.data[0] for _, fact in project.code.facts("celery-beat")]
    return bool(given) and all(_seconds(each) <= SOON for each in given)


def _seconds(interval: object) -> float:
    if isinstance(interval, timedelta):
        return interval.total_seconds()
    return interval if isinstance(interval, int | float) else math.inf


RULE = Rule("scaleready.W081", "beat-schedule-file", find, leak=Leak.WORK)
