"""A scheduler runs inside the web container, once for each replica.

Cron, that of uWSGI among it, Celery's beat or a loop that is started beside the web server, in its
container or in another of its pod, exists as often as there are replicas: each job runs that many
times. It is stopped with the web server, too, in the middle of whatever it does. A program of yours
is such a loop if it works, pauses and works again for as long as it runs, or pauses once and is
started anew by supervisord whenever it has ended.

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

- the scheduler is a process of its own: a service, a unit, a line of a Procfile, a CronJob, or a
  file for supervisord in a folder that is not supervisord's alone;
- it is a cron that gets no crontab: none is copied, mounted or written to where it looks, or it is
  that of django-crontab, and CRONJOBS is empty;
- it is a beat inside a worker, which [celery-beat-embedded](#celery-beat-embedded) tells of: of the
  worker this is information;
- a program of yours takes what it works on from a queue, or tells of the replica that it is in: its
  metrics, its heartbeat.

A worker that takes tasks from a queue beside the web server is information, and so is a beat whose
scheduler takes a lock (redbeat), or a command of yours that takes one or claims each piece of work
in the database (`select_for_update()`, a conditional `update()` whose count it looks at): the work
is done once, but the two can only be scaled and stopped together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.running import endless
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.syntax import nodes_of
from django_scaleready.checks.deployment.formats.crontabs import is_idle
from django_scaleready.checks.reaching import paced
from django_scaleready.checks.rules.celery_beat_embedded import takes_lock

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.code.tree.scopes import Site
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.deployment.view import Deployment
    from django_scaleready.checks.project import Project

SLUG = "scheduler-in-web"
HINT = "Start it as a process of its own, of which there is one."
COMMANDS = "management/commands/"
CLAIMS, PAUSES = "claims", "pauses"
PROCFILE = "Procfile"
# Of python-crontab: it writes one.
CRONTABS = "crontab.CronTab"
LOCKS = ("acquire", "acquire_lock", "advisory_lock", "select_for_update", "try_advisory_lock")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note where something claims what it works on, and which commands pause once in a run."""
    module = reading.module
    for site in module.calls(*LOCKS):
        yield module.fact(site, CLAIMS)
    for site in module.calls("add", "lock"):
        if module.resolve(site.call.func).endswith(("cache.add", "cache.lock")):
            yield module.fact(site, CLAIMS)
    for site in module.calls("update"):
        if site.call.keywords and not site.call.args and _counts_updates(reading, site):
            yield module.fact(site, CLAIMS)
    for site in module.calls("sleep") if COMMANDS in module.path else ():
        if any(
            getattr(s, "value", None) is site.call for s in getattr(site.scope.node, "body", ())
        ):
            yield module.fact(site, PAUSES)


def _counts_updates(reading: Reading, site: Site) -> bool:
    """Whether somebody asks how many rows an update() has changed."""
    scope = site.scope
    kept = {id(value) for values in scope.bindings.values() for value in values}
    if id(site.call) in kept:
        return True
    tests = (each.test for each, where, _ in reading.module.branches if where is scope)
    asked = [*tests, *(each.test for each, where in reading.module.repeats if where is scope)]
    asked += [value for value in scope.returns if not isinstance(value, ast.Call)]
    return any(node is site.call for each in asked for node in nodes_of(each))


def find(project: Project) -> Iterator[Finding]:
    """Yield what each container that serves starts by the clock, or takes from a queue."""
    seen: set[Location] = set()
    serving = {p.pod for p in project.deploy.processes if p.serves and p.pod}
    for process in project.deploy.processes:
        if process.pod in serving and not (process.serves or process.once):
            yield from _in_pod(project, process, seen)
        if not process.serves or process.once:
            continue
        others = [c for c in process.commands if c.location not in seen and not c.serves]
        timed = [c for c in others if _by_the_clock(project, process, c)]
        # Of a beat inside a worker another rule speaks.
        clocks = [c for c in timed if not (c.embeds_beat or _claims(project, c))]
        workers = [c for c in others if (c.works or c in timed) and c not in clocks]
        seen |= {command.location for command in (*clocks, *workers)}
        if clocks:
            yield _clock(f"inside {process.name!r}, which serves requests", clocks)
        if workers:
            yield _worker(process, workers)


def _in_pod(project: Project, process: Process, seen: set[Location]) -> Iterator[Finding]:
    """Yield what a container starts by the clock beside one that serves."""
    clocks = [
        command
        for command in process.commands
        if command.location not in seen and _by_the_clock(project, process, command)
        if not _claims(project, command)
    ]
    # Where there are several for sure, that is said of a beat.
    if clocks and not (process.replicas and process.replicas.value > 1):
        seen.update(command.location for command in clocks)
        yield _clock(f"in {process.name!r}, beside a container which serves requests", clocks)


def _by_the_clock(project: Project, process: Process, command: Command) -> bool:
    if command.schedules:
        jobs = not _has_no_jobs(project)
        if command.management == "crontab" and not jobs:
            return False
        idle = is_idle(project.root, project.deploy.files, process, command, has_jobs=jobs)
        # Unless the project's code gives that cron something to do.
        return not idle or any(CRONTABS in source.imported for source in project.code)
    if command.works or not _goes_on(process, command):
        return False
    found = paced.program(project.code, command)
    if found is None:
        return False
    again = found.path in project.code.once(_pausing) and _starts_again(project.deploy, command)
    return again or paced.ticks(project.code, found)


def _has_no_jobs(project: Project) -> bool:
    """Whether django-crontab is there and is told of no job."""
    if not (project.installed("django_crontab") and project.is_set("CRONJOBS")):
        return False
    return project.is_known("CRONJOBS") and project.setting("CRONJOBS") in ([], ())


def _goes_on(process: Process, command: Command) -> bool:
    """Whether a program may go on beside a server: nobody waits for it to end before that."""
    if process.serves:
        listed = command.location.path.rpartition("/")[2].startswith(PROCFILE)
        return listed or not command.awaited or any(not c.awaited for c in process.servers)
    return not command.awaited or command is process.commands[-1]


def _starts_again(deploy: Deployment, command: Command) -> bool:
    """Whether supervisord starts a program anew whenever it has ended."""
    programs = (program for read in deploy.supervisors for program in read.programs)
    return any(program.again and program.location in command.via for program in programs)


def _pausing(code: Codebase) -> frozenset[str]:
    """Return the management commands that end, and pause once in each run."""
    lasting = {source.path for source, _ in code.facts(endless.NOTED)}
    paths = {source.path for source, fact in code.facts(SLUG) if fact.data == (PAUSES,)}
    return frozenset(paths - lasting)


def _claiming(code: Codebase) -> frozenset[Key]:
    facts = code.facts(SLUG)
    return frozenset((source.path, fact.function) for source, fact in facts if CLAIMS in fact.data)


def _claims(project: Project, command: Command) -> bool:
    """Whether a program takes a lock, or each piece of work as its own, in what it calls."""
    beats = command.runs_celery("beat") or command.embeds_beat
    if beats and takes_lock(project, command):
        return True
    code = project.code
    found = paced.program(code, command)
    claiming = code.once(_claiming)
    if found is None:
        return False
    return any(path == found.path for path, _ in claiming) or paced.comes_to(code, found, claiming)


def _clock(where: str, found: list[Command]) -> Finding:
    sure = found[0].sure and found[0].schedules
    return Finding(
        message=(
            f"{_shown(found[0])} runs {where}: with each replica there is one more of it, and each"
            " job runs once more."
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
    places = dict.fromkeys([*(command.location for command in found[1:]), *starters])
    return tuple(place for place in places if place != found[0].location)


def _shown(command: Command) -> str:
    if command.program == "celery":
        return "celery beat" if command.runs_celery("beat") else "celery worker"
    return command.management or command.program


RULE = Rule("scaleready.W094", SLUG, find, Area.DEPLOY, collect, leak=Leak.WORK)
