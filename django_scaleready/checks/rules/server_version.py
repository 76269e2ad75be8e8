"""The database server is older than this Django accepts.

Django looks when it connects and refuses: every request that needs the database fails on the
replicas with the new release, while those with the old one go on. The check asks before a deploy
does.

## Bad

```python title="settings.py"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": "postgres",
        "NAME": "shop",
    }
}
```

```text title="versions"
server 13
django needs 14
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
```

```text title="versions"
server 14
django needs 14
```

## Stays silent when

- Django accepts the version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project


def find(project: Project) -> Iterator[Finding]:
    """Yield each database that Django refuses."""
    for facts in project.services.databases:
        if facts.unsupported:
            yield Finding(
                message=f"Django refuses the database {facts.alias!r}: {facts.unsupported}",
                hint="Upgrade the server, and deploy this release after that.",
                location=project.where("DATABASES", facts.alias),
                severity=Severity.ERROR,
            )


RULE = Rule("scaleready.E125", "server-version", find, Area.LIVE, leak=Leak.LIFECYCLE)
