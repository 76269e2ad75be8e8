"""Mail is written to a file, or kept in memory, instead of being sent.

A file backend leaves the mails of each replica on its own disk. The console, memory and dummy
backends are for development: nobody receives anything.

## Bad

```python title="settings.py"
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = "/srv/mails"
```

## Good

```python title="settings.py"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = "mail.example.com"
EMAIL_TIMEOUT = 10
```

## Stays silent when

- the backend sends (SMTP, or a provider's API);
- `EMAIL_FILE_PATH` lies below one of `SCALEREADY["SHARED_PATHS"]`.

The console backend is information, the memory and dummy backends are a warning.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.classes import is_a, name_of

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

FILE = "django.core.mail.backends.filebased.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
NOWHERE = (
    "django.core.mail.backends.locmem.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each mailer that does not send."""
    for mailer in project.mailers:
        # The file backend is a subclass of the console's: it is asked for first.
        if is_a(mailer.backend, FILE):
            if mailer.file_path and project.is_shared(mailer.file_path):
                continue
            severity, where = Severity.ERROR, "to files on the replica's own disk"
        elif is_a(mailer.backend, CONSOLE):
            severity, where = Severity.INFO, "to the console"
        elif is_a(mailer.backend, *NOWHERE):
            severity, where = Severity.WARNING, "nowhere"
        else:
            continue
        yield Finding(
            message=f"Mail goes {where}: {name_of(mailer.backend)} does not send it.",
            hint="Use SMTP, or the API of a provider.",
            location=project.where(*mailer.setting),
            severity=severity,
        )


RULE = Rule("scaleready.E011", "email-local", find, leak=Leak.DATA)
