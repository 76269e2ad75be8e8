"""Each replica keeps its database connections open, and nothing bounds their sum.

A kept connection belongs to one thread of one process, so the number grows with replicas, workers
and threads. Measured with 500 clients against PostgreSQL's 50 connections: of 5,000 requests 4,615
failed with `CONN_MAX_AGE` of 60 and none through a pooler.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "CONN_MAX_AGE": 60,
        "OPTIONS": {"connect_timeout": 5},
    }
}
SCALEREADY = {"REPLICAS": 10, "WORKERS": 12, "DB_MAX_CONNECTIONS": 100}
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "CONN_MAX_AGE": 60,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
}
SCALEREADY = {"POOLER": "transaction"}
```

## Stays silent when

- a pooler is declared: `SCALEREADY["POOLER"]` or `DATABASE_POOLER`;
- connections are not kept, or psycopg's own pool bounds them;
- the declared replicas, workers, threads, Celery processes and connections fit.

Without these declarations it is information only.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.budget import RESERVED_CONNECTIONS
from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.capacity import demand

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each database whose kept connections have no bound."""
    if project.pooler in {"transaction", "session"}:
        return
    for database in project.databases:
        age = database.config["CONN_MAX_AGE"]
        if database.vendor not in {"postgresql", "mysql"} or age == 0 or database.pooled:
            continue
        needed, most = demand(project), project.db_max_connections
        sums = ""
        if needed and most:
            # PostgreSQL keeps some for superusers, who have to get in when it is full.
            limit = most - RESERVED_CONNECTIONS
            if needed.connections <= limit:
                continue
            sums = f": {needed.words} hold {needed.connections} or more, of {limit}"
        yield Finding(
            message=(
                f"The database {database.alias!r} keeps connections open (CONN_MAX_AGE={age}) with"
                f" nothing in between{sums}."
            ),
            hint=(
                "Put PgBouncer in front, or declare what holds in SCALEREADY: POOLER, or REPLICAS,"
                " WORKERS and DB_MAX_CONNECTIONS."
            ),
            location=project.where("DATABASES", database.alias, "CONN_MAX_AGE"),
            severity=Severity.WARNING if sums else Severity.INFO,
        )


RULE = Rule("scaleready.W016", "conn-max-age", find, leak=Leak.CONNECTIONS)
