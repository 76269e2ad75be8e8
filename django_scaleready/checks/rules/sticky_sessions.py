"""The balancer sends a client to the same replica again.

Affinity is needed where a replica knows something that the others do not: a session in its memory,
an upload on its disk. It hides that until the replica is replaced; then everybody who was sent
there has lost it, and the load does not spread meanwhile.

## Bad

```text title="nginx.conf"
upstream app {
    ip_hash;
    server web1:8000;
    server web2:8000;
}
```

## Good

```text title="nginx.conf"
upstream app {
    least_conn;
    server web1:8000;
    server web2:8000;
}
```

## Stays silent when

- requests are spread by load or by turns.

It is information: long-polling clients of Socket.IO need it, and it breaks nothing by itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.affinity import affinities

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

CLIENTS = (
    "$remote_addr",
    "$binary_remote_addr",
    "$cookie_",
    "$http_x_forwarded_for",
    "$http_cookie",
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each sign of affinity."""
    for sign, location in (*_nginx(project), *affinities(project.deploy.manifests.objects)):
        yield Finding(
            message=(
                f"A client is sent to the same replica again ({sign}): what hides behind it is lost"
                " when that replica is replaced."
            ),
            hint="Find out what needs it, move that to the database or Redis, and take it out.",
            location=location,
            severity=Severity.INFO,
            confidence=Confidence.MEDIUM,
        )


def _nginx(project: Project) -> Iterator[tuple[str, Location]]:
    for directive in project.deploy.nginx:
        if not any(block.name == "upstream" for block in directive.around):
            continue
        by_client = directive.name == "hash" and any(
            client in argument for argument in directive.arguments for client in CLIENTS
        )
        if directive.name in {"ip_hash", "sticky"} or by_client:
            yield " ".join([directive.name, *directive.arguments]), directive.location


RULE = Rule("scaleready.I101", "sticky-sessions", find, Area.DEPLOY, leak=Leak.STATE)
