"""A limit of nginx is counted by each replica for itself.

nginx keeps what it counts (`limit_req_zone`, `limit_conn_zone`) in the memory of its host. Where it
runs in the application's container there is one more of it with each replica: ten attempts a minute
are twenty with two of them, and each is counted where the balancer happens to send it.

## Bad

```Dockerfile title="Dockerfile"
FROM python:3.13
RUN apt-get install -y nginx
COPY nginx.conf /etc/nginx/nginx.conf
CMD ["sh", "-c", "nginx; exec gunicorn mysite.wsgi"]
```

```text title="nginx.conf"
http {
    limit_req_zone $binary_remote_addr zone=login:10m rate=10r/m;
    server {
        location /login/ {
            limit_req zone=login;
            proxy_pass http://127.0.0.1:8000;
        }
    }
}
```

## Good

```yaml title="docker-compose.yml"
services:
  proxy:
    image: nginx
    volumes:
      - ./nginx.conf:/etc/nginx/nginx.conf:ro
  web:
    image: mysite
    command: gunicorn mysite.wsgi
```

```text title="nginx.conf"
http {
    limit_req_zone $binary_remote_addr zone=login:10m rate=10r/m;
    server {
        location /login/ {
            limit_req zone=login;
            proxy_pass http://web:8000;
        }
    }
}
```

## Stays silent when

- nginx stands before the replicas, in a container of its own;
- nothing uses the zone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.inner_nginx import configurations

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.nginx import Directive
    from django_scaleready.checks.project import Project

USERS = {"limit_req_zone": "limit_req", "limit_conn_zone": "limit_conn"}


def find(project: Project) -> Iterator[Finding]:
    """Yield each zone that nginx in the application's container counts in."""
    seen = set()
    for process, directives in configurations(project.deploy):
        for directive in directives:
            user = USERS.get(directive.name, "")
            if not user or directive.location in seen or not _is_used(directives, directive, user):
                continue
            seen.add(directive.location)
            yield Finding(
                message=(
                    f"nginx in the container of {process.name!r} counts in its own memory"
                    f" ({directive.name}): with each replica the limit is that much higher."
                ),
                hint="Let one balancer before the replicas do it, or count in the shared cache.",
                location=directive.location,
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
            )


def _is_used(directives: Sequence[Directive], zone: Directive, user: str) -> bool:
    named = [word.partition("=")[2] for word in zone.arguments if "zone=" in word]
    names = {name.partition(":")[0] for name in named}
    return any(
        each.name == user and names & {word.removeprefix("zone=") for word in each.arguments}
        for each in directives
    )


RULE = Rule("scaleready.W137", "limit-per-replica", find, Area.DEPLOY, leak=Leak.STATE)
