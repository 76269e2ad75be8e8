"""The development server is what gets deployed.

`runserver` starts one process without a limit on its threads, restarts it when a file changes,
serves static files from the source tree and does not drain on SIGTERM: requests in flight are cut
on every deploy. Django's documentation says not to use it in production. gunicorn, uvicorn and
hypercorn are development servers, too, where they are given `--reload`.

## Bad

```text title="Procfile"
web: python manage.py runserver 0.0.0.0:$PORT
```

## Good

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

## Stays silent when

- the file, the stage or the service is not the deployed one: `Procfile.dev`,
  `docker-compose.override.yml`, a stage called `dev`, a service with `DEBUG` on or with the source
  tree mounted over the image;
- a server of the project's own is deployed elsewhere; where manifests have both side by side, a
  cluster gets both, and it is found;
- nothing that is deployed runs the script that it stands in, or the script opens a browser or makes
  a certificate for localhost, other files say what is deployed, and none of them names it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.command import DEVELOPMENT_SERVERS

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

RELOADING = frozenset({"gunicorn", "hypercorn", "uvicorn"})


def find(project: Project) -> Iterator[Finding]:
    """Yield each place that starts a development server, or another as one."""
    seen = set()
    for command in project.deploy.commands:
        reloads = _reloads(command)
        if (command.management in DEVELOPMENT_SERVERS or reloads) and command.location not in seen:
            seen.add(command.location)
            certain = command.sure and not reloads
            yield Finding(
                message=_said(command),
                hint="Run a WSGI server: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi"
                if not reloads
                else "Take --reload out of what is deployed; a file for development may add it.",
                location=command.location,
                severity=Severity.ERROR if certain else Severity.WARNING,
                confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
            )


def _reloads(command: Command) -> bool:
    """Whether a server looks for changed files and begins anew."""
    return command.program in RELOADING and command.has_option("--reload")


def _said(command: Command) -> str:
    if command.management:
        return (
            f"The process {command.name!r} runs {command.management}, the development server: it"
            " serves on one process and cuts requests on every deploy."
        )
    return (
        f"The process {command.name!r} runs {command.program} with --reload, which is for"
        " development: it watches the source, and cuts requests when a file changes."
    )


RULE = Rule("scaleready.E091", "runserver-deployed", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
