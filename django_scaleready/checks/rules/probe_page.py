"""A probe asks for a page of the site.

`/` and the login page run the whole stack of middleware, templates and queries, every few seconds
on every replica. They say 200 while the replica is about to stop, 302 or 400 for reasons that have
nothing to do with health (a redirect to HTTPS, ALLOWED_HOSTS), and fail on all replicas at once
when the database is slow: then the orchestrator restarts them all.

## Bad

```yaml title="docker-compose.yml"
services:
  web:
    image: mysite
    command: gunicorn mysite.wsgi
    healthcheck:
      test: curl -f http://localhost:8000/login/ || exit 1
```

## Good

```yaml title="docker-compose.yml"
services:
  web:
    image: mysite
    command: gunicorn mysite.wsgi
    healthcheck:
      test: curl -f http://localhost:8000/readyz || exit 1
```

## Stays silent when

- the path is one that is made for probes, whatever it is called;
- what is probed does not serve the application: another container, the machine below
  (`host.docker.internal`), or a page that nginx in the same one has on its disk.

A Dockerfile's `HEALTHCHECK` is information where nothing here acts on it: Kubernetes and Heroku do
not ask it, and Docker by itself only shows what it says. Swarm, a service that waits until one of
the application's is healthy (`condition: service_healthy`) and autoheal do.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.inner_nginx import answers_itself, configurations
from django_scaleready.checks.deployment.process import is_configured

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.process import Probe, Process
    from django_scaleready.checks.project import Project

PAGE = re.compile(
    r"^/?$|(^|/)(log-?in|sign-?in|admin|accounts?|dashboard|home|index(\.html)?)(/|$)"
)
# Who asks a Dockerfile's HEALTHCHECK, and does something if it fails.
ACTS = re.compile(r"autoheal|^ +deploy:|docker (stack|service) ", re.MULTILINE)
ACTING = frozenset({Kind.COMPOSE, Kind.SCRIPT, Kind.MAKEFILE})
PATHS = {"liveness": "/livez", "startup": "/startupz"}


def find(project: Project) -> Iterator[Finding]:
    """Yield each probe of a page."""
    seen = set()
    for process, probe in project.deploy.probes:
        ours = process is None or _serves(process)
        if not ours or probe.location in seen or not PAGE.search(probe.path.partition("?")[0]):
            continue
        if process is not None and _is_file(project, process, probe.path):
            continue
        seen.add(probe.location)
        yield Finding(
            message=(
                f"The {probe.purpose} probe asks for {probe.path}, a page: it says nothing of a"
                " replica that is about to stop, and fails with the database."
            ),
            hint=f"Ask for {PATHS.get(probe.purpose, '/readyz')}, which ProbeMiddleware answers.",
            location=probe.location,
            severity=Severity.WARNING if _is_acted_on(project, probe) else Severity.INFO,
            confidence=Confidence.MEDIUM,
        )


def _serves(process: Process) -> bool:
    """Whether what is probed is the application.

    What nothing here says the start of, an image from a registry or a script that is made when it
    is built, is told by the application's variables.
    """
    unknown = process.own and not process.commands and not process.once
    return process.serves or (unknown and is_configured(process))


def _is_acted_on(project: Project, probe: Probe) -> bool:
    """Whether more comes of what a probe says than a word in a list."""
    files = project.deploy.files
    said = {file.path for file in files if file.kind is Kind.DOCKERFILE}
    if probe.location.path not in said:
        return True
    if any(process.waited_for and process.own for process in project.deploy.processes):
        return True
    return any(
        file.kind in ACTING and not file.for_development and ACTS.search(file.text)
        for file in files
    )


def _is_file(project: Project, process: Process, path: str) -> bool:
    """Whether nginx in the same container answers from its disk."""
    return any(
        each is process and answers_itself(directives, path)
        for each, directives in configurations(project.deploy)
    )


RULE = Rule("scaleready.W131", "probe-page", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
