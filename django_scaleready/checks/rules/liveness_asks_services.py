"""The liveness probe asks for more than whether the process lives.

A liveness probe that fails has the replica restarted. One that asks the database restarts every
replica when the database is away, and again until it is back; one that asks readiness restarts a
replica because it drains.

## Bad

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "mysite.wsgi"]
          livenessProbe:
            httpGet: {path: /readyz, port: 8000}
          readinessProbe:
            httpGet: {path: /readyz, port: 8000}
```

## Good

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  template:
    spec:
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "mysite.wsgi"]
          livenessProbe:
            httpGet: {path: /livez, port: 8000}
          readinessProbe:
            httpGet: {path: /readyz, port: 8000}
```

## Stays silent when

- the path does not say what it asks: `/health` may be cheap.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# /ht/ is django-health-check's page of all checks.
ASKS = re.compile(r"(^|[/_-])(readyz?|readiness|ht)(/|$|[?_-])")


def find(project: Project) -> Iterator[Finding]:
    """Yield each liveness probe that asks for readiness, or for all checks."""
    for process, probe in project.deploy.probes:
        if process is None or probe.purpose != "liveness" or not ASKS.search(probe.path):
            continue
        yield Finding(
            message=(
                f"The liveness probe of {process.name!r} asks for {probe.path}: a service that is"
                " away, or a drain, restarts every replica."
            ),
            hint="Ask for /livez, which is 503 only when the process itself is broken.",
            location=probe.location,
            severity=Severity.WARNING,
            confidence=Confidence.HIGH,
        )


RULE = Rule("scaleready.W132", "liveness-asks-services", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
