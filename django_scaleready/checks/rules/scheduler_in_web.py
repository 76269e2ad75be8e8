"""A scheduler runs inside the web container, once for each replica.

Cron, that of uWSGI among it, Celery's beat or a loop that is started beside the web server, in its
container or in another of its pod, exists as often as there are replicas: each job runs that many
times. It is stopped with the web server, too, in the middle of whatever it does.

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
- it is a cron that gets no crontab: none is copied, mounted or written to where it looks.

A worker that takes tasks from a queue beside the web server is information, and so is a command of
yours that claims each piece of work in the database (`select_for_update()`, a conditional
`update()` whose count it looks at) or takes a lock: the work is done once, but the two can only be
scaled and stopped together.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.deployment.crontabs import is_idle

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

SLUG = "scheduler-in-web"
HINT = "Start it as a process of its own, of which there is one."
COMMANDS = "management/commands/"
# Of python-crontab: it writes one.
CRONTABS = "crontab.CronTab"
LOCKS = ("acquire", "acquire_lock", "advisory_lock", "select_for_update", "try_advisory_lock")


def collect(reading: Reading) -> Iterator[Fact]:
    """Note the management commands that claim what they work on."""
    module = reading.module
    if COMMANDS not in module.path:
        return
    claims = any(module.calls(*LOCKS)) or any(
        module.resolve(site.call.func).endswith(("cache.add", "cache.lock"))
        for site in module.calls("add", "lock")
    )
    if claims or ("update" in module.mentions and _counts_updates(module.top.node)):
        yield Fact(0, "")


def _counts_updates(tree: ast.AST) -> bool:
    """Whether somebody asks how many rows an update() has changed."""
    return any(
        isinstance(value, ast.Call)
        and isinstance(value.func, ast.Attribute)
        and value.func.attr == "update"
        and bool(value.keywords)
        and not value.args
        for node in ast.walk(tree)
        for value in _looked_at(node)
    )


def _looked_at(node: ast.AST) -> tuple[ast.expr | None, ...]:
    """Return the expressions whose value a statement keeps or decides by."""
    if isinstance(node, ast.Assign | ast.AnnAssign | ast.NamedExpr):
        return (node.value,)
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        return (node.test,)
    if isinstance(node, ast.Compare):
        return (node.left, *node.comparators)
    return (node.operand,) if isinstance(node, ast.UnaryOp) else ()


def find(project: Project) -> Iterator[Finding]:
    """Yield what each container that serves starts by the clock, or takes from a queue."""
    claiming = {source.path for source, _ in project.code.facts(SLUG)}
    seen: set[Location] = set()
    serving = {p.pod for p in project.deploy.processes if p.serves and p.pod}
    for process in project.deploy.processes:
        if process.pod in serving and not (process.serves or process.once):
            yield from _in_pod(project, process, claiming, seen)
        if not process.serves or process.once:
            continue
        others = [c for c in process.commands if c.location not in seen and not c.serves]
        others = [c for c in others if not _is_idle(project, process, c)]
        clocks = [c for c in others if c.schedules and not _claims(c, claiming)]
        workers = [c for c in others if (c.works or c.schedules) and c not in clocks]
        seen |= {command.location for command in (*clocks, *workers)}
        if clocks:
            yield _clock(f"inside {process.name!r}, which serves requests", clocks)
        if workers:
            yield _worker(process, workers)


def _in_pod(
    project: Project, process: Process, claiming: set[str], seen: set[Location]
) -> Iterator[Finding]:
    """Yield what a container starts by the clock beside one that serves."""
    clocks = [c for c in process.commands if c.schedules and not _claims(c, claiming)]
    clocks = [c for c in clocks if c.location not in seen and not _is_idle(project, process, c)]
    # Where there are several for sure, that is said of a beat.
    if clocks and not (process.replicas and process.replicas.value > 1):
        seen.update(command.location for command in clocks)
        yield _clock(f"in {process.name!r}, beside a container which serves requests", clocks)


def _is_idle(project: Project, process: Process, command: Command) -> bool:
    """Whether it is a cron that nothing gives a crontab, be it the project's code."""
    idle = command.schedules and is_idle(project.root, project.deploy.files, process, command)
    return idle and not any(CRONTABS in source.imported for source in project.code)


def _claims(command: Command, claiming: set[str]) -> bool:
    name = f"{COMMANDS}{command.management}.py"
    return bool(command.management) and any(path.endswith(f"/{name}") for path in claiming)


def _clock(where: str, found: list[Command]) -> Finding:
    sure = found[0].sure
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
