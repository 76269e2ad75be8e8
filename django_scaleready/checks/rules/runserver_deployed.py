"""The development server is what gets deployed.

`runserver` starts one process without a limit on its threads, restarts it when a file changes,
serves static files from the source tree and does not drain on SIGTERM: requests in flight are cut
on every deploy. Django's documentation says not to use it in production.

## Bad

```text title="Procfile"
web: python manage.py runserver 0.0.0.0:$PORT
```

## Good

```text title="Procfile"
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

## Stays silent when

- the file is not the deployed one: `Procfile.dev`, `Procfile.local`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SERVERS = frozenset({"runserver", "runserver_plus", "testserver"})


def find(project: Project) -> Iterator[Finding]:
    """Yield each command of the Procfile that starts a development server."""
    for command in project.deploy_commands:
        if server := next((word for word in command.management if word in SERVERS), None):
            yield Finding(
                message=(
                    f"The process {command.name!r} runs {server}, the development server: it"
                    " serves on one process and cuts requests on every deploy."
                ),
                hint="Run a WSGI server: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi",
                location=command.location,
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E091", "runserver-deployed", find, Area.DEPLOY)
