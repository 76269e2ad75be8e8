"""A mail relay that hangs takes a thread of each replica with it.

Without a timeout a connection to a relay that accepts and never answers waits for ever. Every
request that sends mail then holds its thread, and soon all replicas are busy waiting.

## Bad

```python title="settings.py"
EMAIL_HOST = "mail.example.com"
```

## Good

```python title="settings.py"
EMAIL_HOST = "mail.example.com"
EMAIL_TIMEOUT = 10
```

## Stays silent when

- the backend is not SMTP: a provider's API has a timeout of its own;
- nothing is configured and nothing in the project sends mail, or only through connections that it
  makes itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.classes import is_a

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

SMTP = "django.core.mail.backends.smtp.EmailBackend"
# Who imports from these makes a connection of its own, and hands it the messages.
OWN = ("django.core.mail.backends.", "django.core.mail.message.")
CONFIGURED = ("EMAIL_BACKEND", "EMAIL_HOST", "EMAIL_HOST_USER", "MAILERS")


def find(project: Project) -> Iterator[Finding]:
    """Yield each SMTP mailer without a timeout."""
    for mailer in project.mailers:
        if is_a(mailer.backend, SMTP) and mailer.timeout is None and _sends(project):
            yield Finding(
                message="SMTP has no timeout: a relay that hangs holds the thread that sends.",
                hint="Set EMAIL_TIMEOUT = 10 (in MAILERS: OPTIONS timeout).",
                location=mailer.chosen_at or _place(project, mailer.setting),
                severity=Severity.WARNING,
            )


def _sends(project: Project) -> bool:
    if any(project.is_set(name) for name in CONFIGURED) or project.setting("ADMINS"):
        return True
    imported = (name for source in project.code for name in source.imported)
    sending = (name for name in imported if name.startswith("django.core.mail"))
    return any(not name.startswith(OWN) for name in sending)


def _place(project: Project, setting: tuple[str, ...]) -> Location:
    if setting[0] == "MAILERS":
        return project.where(*setting)
    return project.where(next((name for name in CONFIGURED if project.is_set(name)), "EMAIL_HOST"))


RULE = Rule("scaleready.W012", "email-no-timeout", find, leak=Leak.CONNECTIONS)
