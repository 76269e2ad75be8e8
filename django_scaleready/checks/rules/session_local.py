"""Sessions are kept in files, where only one replica finds them.

A visitor who signs in on one replica is a stranger on the next: with two of them every second
request asks for the password again. Messages that `MESSAGE_STORAGE` keeps in the session share its
fate.

## Bad

```python title="settings.py"
SESSION_ENGINE = "django.contrib.sessions.backends.file"
```

## Good

```python title="settings.py"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
```

## Stays silent when

- sessions are in the database or in signed cookies;
- they are in a cache, `cached_db` included: `cache-local` finds a local one;
- no session middleware is installed;
- `SESSION_FILE_PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.usage import messages_in_sessions, session_store

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

FILE = "django.contrib.sessions.backends.file.SessionStore"


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the session store keeps files, by its class and not by its name."""
    store = session_store(project)
    if store is None or not is_a(store, FILE):
        return
    # It brings a dozen modules, for those who have this.
    import tempfile

    folder = project.setting("SESSION_FILE_PATH") or tempfile.gettempdir()
    if project.is_shared(folder):
        return
    messages = messages_in_sessions(project)
    kept = "Sessions, and messages with them, are kept" if messages else "Sessions are kept"
    yield Finding(
        message=f"{kept} in files below {folder}: a visitor is logged out on the next replica.",
        hint=(
            "Keep sessions in the database or in Redis; the kit's settings do both"
            " (django_scaleready.sessions)."
        ),
        location=project.where("SESSION_ENGINE"),
        severity=Severity.ERROR,
        related=messages,
    )


RULE = Rule("scaleready.E004", "session-local", find, leak=Leak.STATE)
