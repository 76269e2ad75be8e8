"""SIGTERM ends at a shell and never comes to the server.

The container's first process gets SIGTERM. A shell that waits for its child does not pass it on,
and as process 1 it ignores the signal itself: after the grace period everything is killed, with the
requests and tasks in flight, on every deploy. A server that the shell has put into the background
is as deaf.

## Bad

```text title="entrypoint.sh"
#!/bin/sh
python manage.py check --deploy
gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
ENTRYPOINT ["/app/entrypoint.sh"]
```

## Good

```text title="entrypoint.sh"
#!/bin/sh
python manage.py check --deploy
exec gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
ENTRYPOINT ["/app/entrypoint.sh"]
```

## Stays silent when

- the last command is started with `exec`, be it through `gosu` or `env`, or as `exec "$@"`;
- the shell makes room for the last command of a shell form: bash and Alpine's sh do, Debian's does
  not;
- something passes the signal on: `trap`, `dumb-init`, `tini -g`, `stopasgroup`, systemd.
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

CERTAIN = frozenset({Kind.DOCKERFILE, Kind.COMPOSE, Kind.KUBERNETES})


def find(project: Project) -> Iterator[Finding]:
    """Yield, for each process, the servers and workers that do not hear of SIGTERM."""
    seen = set()
    for process in project.deploy.processes:
        deaf = [c for c in process.commands if _is_deaf(c) and c.location not in seen]
        # Heroku tells every process of a dyno; a script of its own may be started elsewhere.
        if process.kind is Kind.PROCFILE:
            deaf = [c for c in deaf if c.location.path != process.location.path]
        seen |= {command.location for command in deaf}
        if deaf and not process.once:
            yield _finding(process, deaf)


def _is_deaf(command: Command) -> bool:
    matters = command.serves or command.works or command.runs_celery("beat")
    return matters and not command.alone and not command.supervised


def _finding(process: Process, deaf: list[Command]) -> Finding:
    first = next((command for command in deaf if command.awaited), deaf[0])
    certain = process.kind in CERTAIN and first.sure
    how = "waits for it" if first.awaited else "has put it into the background"
    return Finding(
        message=(
            f"SIGTERM does not come to {first.program}: the shell that started it {how} and passes"
            " no signal on, so it is killed with what it is doing."
        ),
        hint=(
            f"Start it with exec: exec {first.program} …"
            if first.awaited
            else "Start each in a container of its own, with exec."
        ),
        location=first.location,
        severity=Severity.WARNING,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        related=tuple(dict.fromkeys(c.location for c in deaf if c.location != first.location)),
    )


RULE = Rule("scaleready.W095", "signal-swallowed", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
