"""The database is behind a transaction pooler, and the settings do not know it; or the reverse.

Nothing shows in the settings when somebody puts PgBouncer between: the host and port are another
server's. Behind it each transaction may run on another server connection, so cursors, session
locks and `SET` that worked yesterday fail now and then. The check opens two connections and asks
in turn which server process answers: one that serves both was handed from one to the other.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "pgbouncer",
        "NAME": "shop",
    }
}
SCALEREADY = {"POOLER": "none"}
```

```ini title="pgbouncer.ini"
pool_mode = transaction
```

## Good

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "pgbouncer",
        "NAME": "shop",
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
SCALEREADY = {"POOLER": "transaction"}
```

```ini title="pgbouncer.ini"
pool_mode = transaction
```

## Stays silent when

- what was seen is what `SCALEREADY["POOLER"]` or `DATABASE_POOLER` says;
- the pooler is in session mode, which cannot be told from none.

Without something that breaks in the settings it is a warning. A pooler that is declared and not
seen is information: two poolers behind one address may each have served one connection.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.pooling import DIRECT, faults

if TYPE_CHECKING:
    from django_scaleready.checks.live import Database
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each PostgreSQL that is not reached in the way the settings say."""
    configured = {database.alias: database for database in project.databases}
    for facts in project.services.databases:
        # Which server process answers is known of PostgreSQL alone.
        if not facts.servers:
            continue
        declared = project.pooler == "transaction"
        if facts.pooled and facts.alias == DIRECT:
            yield _not_direct(project)
        elif facts.pooled and not declared:
            yield _undeclared(project, configured[facts.alias])
        elif declared and not facts.pooled and facts.alias != DIRECT:
            yield _unseen(project, facts.alias)


def _undeclared(project: Project, database: Database) -> Finding:
    broken = list(faults(database))
    said = f"the settings say {project.pooler!r}" if project.pooler else "nothing declares it"
    first = f" It {broken[0].message}" if broken else ""
    return Finding(
        message=(
            f"The database {database.alias!r} is behind a transaction pooler, and {said}.{first}"
        ),
        hint=(
            f"{broken[0].hint if broken else 'Nothing in its entry breaks there.'} Declare"
            ' SCALEREADY = {"POOLER": "transaction"}, and the check judges the rest by it.'
        ),
        location=project.where("DATABASES", database.alias),
        severity=Severity.ERROR if broken else Severity.WARNING,
        related=(project.where("SCALEREADY", "POOLER"),) if project.is_set("SCALEREADY") else (),
    )


def _not_direct(project: Project) -> Finding:
    return Finding(
        message=(
            f"The database {DIRECT!r} is meant as the way past the pooler, and leads through it:"
            " migrations take their lock on one server connection and release it on another."
        ),
        hint="Give it the host and port of PostgreSQL itself (DATABASE_DIRECT_URL).",
        location=project.where("DATABASES", DIRECT),
        severity=Severity.ERROR,
    )


def _unseen(project: Project, alias: str) -> Finding:
    return Finding(
        message=(
            f"A transaction pooler is declared, and none was seen before the database {alias!r}."
        ),
        hint=(
            "If this is not the deployment's environment, well; else what limits the connections"
            " is not there: lead DATABASES through the pooler, or declare what holds."
        ),
        location=project.where("DATABASES", alias),
        severity=Severity.INFO,
        confidence=Confidence.MEDIUM,
    )


RULE = Rule("scaleready.E120", "pooler-mismatch", find, Area.LIVE, leak=Leak.CONNECTIONS)
