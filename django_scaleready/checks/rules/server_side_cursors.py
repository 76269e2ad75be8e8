"""The connection asks for what a transaction pooler cannot keep.

Behind a pooler in transaction mode each transaction may run on another server connection. What
lives longer than that is lost, or found by somebody else. Measured through PgBouncer 1.18 and 1.24:
60 of 60 `.iterator()` calls in autocommit failed (`portal "_django_curs_..." does not exist`);
startup `options` are refused; 100 of 600 queries with prepared statements failed; `assume_role`
gave its role to an unrelated client.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "OPTIONS": {"connect_timeout": 5, "options": "-c statement_timeout=5000"},
    }
}
SCALEREADY = {"POOLER": "transaction"}
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "shop",
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {"connect_timeout": 5},
    }
}
SCALEREADY = {"POOLER": "transaction"}
```

## Stays silent when

- no pooler in transaction mode is declared;
- the alias is `direct`, the kit's name for the way past the pooler.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.pooling import DIRECT, faults

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding for each thing that breaks, for each database behind the pooler."""
    if project.pooler != "transaction":
        return
    for database in project.databases:
        if database.vendor != "postgresql" or database.alias == DIRECT:
            continue
        for fault in faults(database):
            yield Finding(
                message=f"The database {database.alias!r} {fault.message}",
                hint=fault.hint,
                location=project.where("DATABASES", database.alias, *fault.keys),
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E018", "server-side-cursors", find, leak=Leak.CONNECTIONS)
