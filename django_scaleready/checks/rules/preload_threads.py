"""gunicorn loads the application before it forks, and the workers have threads.

What the application opens while it is loaded, a database connection, a client with a pool, is
inherited by every worker: two processes write to one socket, and a lock that a thread held at the
fork is held for ever. It works until something is opened at import.

## Bad

```text title="Procfile"
web: gunicorn --preload --threads 8 mysite.wsgi
```

## Good

```text title="Procfile"
web: gunicorn --threads 8 mysite.wsgi
```

## Stays silent when

- the workers are forked first, or have one thread each.

It is information: an application that opens nothing at import saves memory this way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.gunicorn import Gunicorn
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each gunicorn that does both."""
    seen = set()
    for _, server in project.deploy.gunicorn:
        preload = server.settings.get("preload_app")
        if preload is None or not preload.is_on or preload.location in seen:
            continue
        if not _has_threads(server):
            continue
        seen.add(preload.location)
        yield Finding(
            message=(
                "The application is loaded before the workers are forked: what it opens at import"
                " is shared by all of them."
            ),
            hint="Open connections and clients when they are first used, or take --preload out.",
            location=preload.location,
            severity=Severity.INFO,
            confidence=Confidence.LOW,
        )


def _has_threads(server: Gunicorn) -> bool:
    threads = server.settings.get("threads")
    worker = server.settings.get("worker_class")
    if threads is not None and (threads.number or 0) > 1:
        return True
    return server.kit if worker is None else worker.value == "gthread"


RULE = Rule("scaleready.I134", "preload-threads", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
