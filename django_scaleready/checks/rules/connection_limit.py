"""The replicas may open more connections than the server accepts.

Each thread of each worker holds one connection while it serves a request. As long as few are busy
all is well; in the first slow minute they all are, and whoever comes too late is refused ("too many
clients already"), migrations and probes included. The limit is the server's own, the role's or the
database's, whichever is least.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "postgres",
        "NAME": "shop",
    }
}
SCALEREADY = {"REPLICAS": 6, "WORKERS": 4, "THREADS": 2}
```

```text title="postgresql.conf"
max_connections = 40
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "postgres",
        "NAME": "shop",
    }
}
SCALEREADY = {"REPLICAS": 6, "WORKERS": 4, "THREADS": 2}
```

```text title="postgresql.conf"
max_connections = 100
```

## Stays silent when

- they fit, or `REPLICAS` and `WORKERS` are not declared;
- a pooler is declared or was seen: it shares few connections among many clients;
- psycopg's pool bounds each process;
- the database is not PostgreSQL.

`DB_MAX_CONNECTIONS` above the real limit is a warning, too: other rules count on it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity
from django_scaleready.checks.capacity import demand
from django_scaleready.checks.pooling import DIRECT

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each database that the declared replicas may fill."""
    if project.pooler in {"transaction", "session"}:
        return
    own_pools = {database.alias for database in project.databases if database.pooled}
    needed, declared = demand(project), project.db_max_connections
    for facts in project.services.databases:
        # Commands alone use the way past a pooler.
        if facts.limit is None or facts.pooled or facts.alias == DIRECT:
            continue
        allowed = f"{facts.limit.connections} ({facts.limit.source})"
        place = project.where("DATABASES", facts.alias)
        if needed and needed.connections > facts.limit.connections and facts.alias not in own_pools:
            yield Finding(
                message=(
                    f"{needed.words} may open {needed.connections} connections to"
                    f" {facts.alias!r}, which accepts {allowed}."
                ),
                hint="Put PgBouncer in front, or run fewer workers and threads.",
                location=place,
                severity=Severity.WARNING,
            )
        elif declared and declared > facts.limit.connections + facts.limit.reserved:
            yield Finding(
                message=(
                    f"DB_MAX_CONNECTIONS is {declared}, and the database {facts.alias!r} accepts"
                    f" {allowed}."
                ),
                hint="Declare what it accepts: the rules that count connections go by it.",
                location=project.where("SCALEREADY", "DB_MAX_CONNECTIONS"),
                severity=Severity.WARNING,
                related=(place,),
            )


RULE = Rule("scaleready.W126", "connection-limit", find, Area.LIVE, leak=Leak.CONNECTIONS)
