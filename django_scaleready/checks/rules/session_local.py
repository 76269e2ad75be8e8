"""Sessions are kept where only one replica finds them.

A visitor who signs in on one replica is a stranger on the next: with two of them every second
request asks for the password again. `cached_db` on a local cache is no better, although the
database has the session: a replica goes on serving its own copy, and so does not see a logout that
happened elsewhere. Messages that `MESSAGE_STORAGE` keeps in the session share its fate.

## Bad

```python title="settings.py"
SESSION_ENGINE = "django.contrib.sessions.backends.file"
```

## Good

```python title="settings.py"
SESSION_ENGINE = "django.contrib.sessions.backends.db"
```

## Stays silent when

- sessions are in the database or in signed cookies, or in a cache that is shared;
- no session middleware is installed;
- `SESSION_FILE_PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.classes import is_a
from django_scaleready.checks.usage import is_local_cache, session_store

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

MESSAGES = "django.contrib.messages.storage.session.SessionStorage"
FILE = "django.contrib.sessions.backends.file.SessionStore"
CACHED = (
    "django.contrib.sessions.backends.cache.SessionStore",
    "django.contrib.sessions.backends.cached_db.SessionStore",
)


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if the session store is local, by its class and not by its name."""
    store = session_store(project)
    if store is None:
        return
    if is_a(store, FILE):
        folder = project.setting("SESSION_FILE_PATH") or tempfile.gettempdir()
        where = "" if project.is_shared(folder) else f"in files below {folder}"
    else:
        alias = project.setting("SESSION_CACHE_ALIAS")
        local = is_a(store, *CACHED) and is_local_cache(project, alias)
        where = f"in the cache {alias!r}, which is local" if local else ""
    if where:
        messages = _kept_with_them(project)
        kept = "Sessions, and messages with them, are kept" if messages else "Sessions are kept"
        yield Finding(
            message=f"{kept} {where}: a visitor is logged out on the next replica.",
            hint=(
                "Keep sessions in the database or in Redis; the kit's settings do both"
                " (django_scaleready.sessions)."
            ),
            location=project.where("SESSION_ENGINE"),
            severity=Severity.ERROR,
            related=messages,
        )


def _kept_with_them(project: Project) -> tuple[Location, ...]:
    """Return the setting that puts messages into the session; by default cookies hold them."""
    storage = project.setting("MESSAGE_STORAGE")
    if not project.is_set("MESSAGE_STORAGE") or not is_a(project.imported(storage), MESSAGES):
        return ()
    return (project.where("MESSAGE_STORAGE"),)


RULE = Rule("scaleready.E004", "session-local", find, leak=Leak.STATE)
