"""Two connections to one alias reach two servers.

A balancer before several databases, a DNS name with several addresses or a list of hosts sends
each connection somewhere else. If they are one cluster, a write that reaches a standby fails, and
a read from one may not see what was just written. If they are not, each replica has its own data.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "balancer",
        "NAME": "shop",
    }
}
```

```text title="balancer"
one.db
two.db
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "balancer",
        "NAME": "shop",
    }
}
```

```text title="balancer"
one.db
```

## Stays silent when

- both connections reach the same server;
- the database is not PostgreSQL: others do not say which server they are.

Standbys of one cluster behind an alias for reading are information.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project
    from django_scaleready.checks.services.databases import DatabaseFacts


def find(project: Project) -> Iterator[Finding]:
    """Yield each alias that leads to several servers."""
    for facts in project.services.databases:
        if len(facts.servers) > 1:
            message, hint, severity = _judged(facts)
            names = ", ".join(sorted(str(server) for server in facts.servers))
            yield Finding(
                message=f"Two connections to {facts.alias!r} reached different servers: {message}",
                hint=f"{hint} They were {names}.",
                location=project.where("DATABASES", facts.alias),
                severity=severity,
            )


def _judged(facts: DatabaseFacts) -> tuple[str, str, Severity]:
    clusters = {server.cluster for server in facts.servers}
    standbys = [server for server in facts.servers if server.standby]
    if len(clusters) > 1 and None not in clusters:
        return (
            "they are no replicas of each other, so what one has the other never sees.",
            "Lead every connection to one of them.",
            Severity.ERROR,
        )
    if len(standbys) == len(facts.servers):
        return (
            "all of them standbys, and one may be behind what another has shown already.",
            "Keep to one for each visitor, or read what was just written from the primary.",
            Severity.INFO,
        )
    if standbys:
        return (
            "a write that reaches the standby fails, and a read from it may be behind.",
            'Lead it to the primary, with OPTIONS["target_session_attrs"] = "read-write".',
            Severity.ERROR,
        )
    return (
        "none of them is a standby, so each takes writes of its own.",
        "Lead every connection to one of them.",
        Severity.WARNING,
    )


RULE = Rule("scaleready.E121", "servers-differ", find, Area.LIVE, leak=Leak.DATA)
