"""A new replica is sent requests before its server listens.

Without a readiness probe Kubernetes takes a container for ready as soon as it has started. Python
is still loading the application then, or the start script waits for the database: during each
rollout, and whenever a pod is replaced, a part of the requests is refused. The old pod is stopped
meanwhile, so a release that never comes up takes all of them down.

## Bad

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "mysite.wsgi"]
```

## Good

```yaml title="k8s/web.yaml"
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: mysite
          command: ["gunicorn", "mysite.wsgi"]
          readinessProbe:
            httpGet: {path: /readyz, port: 8000}
```

## Stays silent when

- there is a readiness probe that asks for something, or a startup probe, which is waited for as
  well; a command such as `true` or `pwd` ends well whatever the server does;
- an overlay gives the container one, or a template may fill it in;
- no rollout starts one replica beside another (`strategy: {type: Recreate}`), and there is one;
- it answers no requests: a worker, a scheduler, a job.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each container that serves and never says when it does."""
    for process in project.deploy.processes:
        server = next(process.servers, None)
        several = process.overlaps or (process.replicas is not None and process.replicas.value > 1)
        if process.unprobed and several and process.own and not process.once and server:
            yield Finding(
                message=(
                    f"{process.name!r} has no readinessProbe: a rollout sends requests to a new"
                    f" replica before {server.program or 'its server'} listens, and stops an old"
                    " one."
                ),
                hint="Add a readinessProbe: with the kit's middleware, httpGet on /readyz.",
                location=process.location,
                severity=Severity.WARNING,
            )


RULE = Rule("scaleready.W155", "readiness-missing", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
