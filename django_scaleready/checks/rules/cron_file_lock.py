"""Jobs of django-cron are kept from running twice by a file of one machine.

`FileLock` locks a file below `/tmp`. `runcrons` on another replica has another `/tmp`, takes a lock
of its own and runs the same job at the same time.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_cron"]
DJANGO_CRON_LOCK_BACKEND = "django_cron.backends.lock.file.FileLock"
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "django_cron"]
DJANGO_CRON_LOCK_BACKEND = "django_cron.backends.lock.database.DatabaseLock"
```

## Stays silent when

- the lock is in the database, or in a cache: `cache-local` finds a local one;
- `DJANGO_CRON_LOCKFILE_PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`;
- the app is not installed.

django-cron 0.6 itself does not start with Django 5.1 or later, so this is for a `scan` of a project
that has an older one, or a patched copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SETTING = "DJANGO_CRON_LOCK_BACKEND"
LOCK = "django_cron.backends.lock.file.FileLock"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the lock holds on one machine only."""
    named = project.setting(SETTING)
    if not named or not project.installed("django_cron"):
        return
    folder = project.setting("DJANGO_CRON_LOCKFILE_PATH") or "/tmp"  # noqa: S108 - its default
    if is_a(project.imported(named), LOCK) and not project.is_shared(str(folder)):
        yield Finding(
            message="django-cron's locks are files of one replica: another runs the same job.",
            hint=f'Set {SETTING} = "django_cron.backends.lock.database.DatabaseLock".',
            location=project.where(SETTING),
            severity=Severity.ERROR,
        )


RULE = Rule("scaleready.E050", "cron-file-lock", find, leak=Leak.WORK)
