"""gunicorn's workers have a listener each, and are recycled.

With `reuse_port` the kernel deals connections out to the workers' own sockets. A worker that
reaches `max_requests` closes its socket, and the connections that wait there are reset: about one
request in ten, measured; none with the shared listener.

## Bad

```text title="Procfile"
web: gunicorn --reuse-port --max-requests 1000 mysite.wsgi
```

## Good

```text title="Procfile"
web: gunicorn --max-requests 1000 mysite.wsgi
```

## Stays silent when

- only one of the two is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.gunicorn import Gunicorn
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each gunicorn that does both."""
    seen = set()
    for _, server in project.deploy.gunicorn:
        port = server.settings.get("reuse_port")
        if port is None or not port.is_on or port.location in seen or not _recycles(server):
            continue
        seen.add(port.location)
        yield Finding(
            message=(
                "reuse_port with max_requests: connections that wait for a worker are reset when it"
                " is recycled."
            ),
            hint="Take reuse_port out.",
            location=port.location,
            severity=Severity.WARNING,
        )


def _recycles(server: Gunicorn) -> bool:
    requests = server.settings.get("max_requests")
    return server.kit if requests is None else bool(requests.number)


RULE = Rule("scaleready.W133", "reuse-port-recycling", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
