"""A database host that drops packets holds every request that wants to connect.

libpq waits as long as the kernel does: 130 s in connect() when packets were dropped (measured).
With `connect_timeout`, keepalives and `tcp_user_timeout` it took 3 to 6 s.

## Bad

```python title="settings.py"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop", "HOST": "db"}}
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "HOST": "db",
        "OPTIONS": {"connect_timeout": 5},
    }
}
```

## Stays silent when

- the database is on a socket of the same machine, or is not PostgreSQL;
- a connection service file names the parameters (`OPTIONS["service"]`).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each PostgreSQL over TCP without connect_timeout."""
    for database in project.databases:
        host = str(database.config["HOST"])
        if database.vendor != "postgresql" or not host or host.startswith("/"):
            continue
        if not {"connect_timeout", "service"} & database.options.keys():
            yield Finding(
                message=f"The database {database.alias!r} has no connect_timeout.",
                hint='Set OPTIONS = {"connect_timeout": 5}; the kit\'s DATABASES does.',
                location=project.where("DATABASES", database.alias),
                severity=Severity.INFO,
            )


RULE = Rule("scaleready.I017", "conn-timeout", find, leak=Leak.CONNECTIONS)
