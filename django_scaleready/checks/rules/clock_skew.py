"""This host's clock and the database's differ.

Replicas stamp rows with their own clocks, the database with its own, and each is compared with the
other: what expires, what is due, what is newest, whether a signed link still holds. With clocks
that differ an order exists before it was made, a lock ends early, and which replica answered
decides whether a token is valid. NTP keeps hosts within milliseconds.

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

```text title="clocks"
replica 12:00:00
server  12:00:07
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

```text title="clocks"
replica 12:00:00
server  12:00:00
```

## Stays silent when

- they differ by a second or less, or by less than the answer took;
- the database is not PostgreSQL.

The clock is this host's: run the check where a replica runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SECONDS = 1.0


def find(project: Project) -> Iterator[Finding]:
    """Yield each server whose clock is elsewhere, once for all the aliases that lead there."""
    skewed = [facts for facts in project.services.databases if abs(facts.skew) > SECONDS]
    for servers in dict.fromkeys(facts.servers for facts in skewed):
        first, *others = (facts for facts in skewed if facts.servers == servers)
        direction = "ahead of" if first.skew > 0 else "behind"
        yield Finding(
            message=(
                f"The clock of the database {first.alias!r} is {abs(first.skew):.1f} s {direction}"
                " this host's."
            ),
            hint="Let both follow NTP (chrony, systemd-timesyncd); look at this host's first.",
            location=project.where("DATABASES", first.alias),
            severity=Severity.WARNING,
            related=tuple(project.where("DATABASES", facts.alias) for facts in others),
        )


RULE = Rule("scaleready.W124", "clock-skew", find, Area.LIVE, leak=Leak.STATE)
