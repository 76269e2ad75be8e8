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

The console backend is information, the memory and dummy backends are a warning, and so are files
where a variable chooses a backend that sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.known.classes import is_a, name_of

if TYPE_CHECKING:
    from django_scaleready.checks.live import Mailer
    from django_scaleready.checks.project import Project

FILE = "django.core.mail.backends.filebased.EmailBackend"
CONSOLE = "django.core.mail.backends.console.EmailBackend"
NOWHERE = (
    "django.core.mail.backends.locmem.EmailBackend",
    "django.core.mail.backends.dummy.EmailBackend",
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each mailer that does not send."""
    mailers = [(mailer, _lost(project, mailer)) for mailer in project.mailers]
    sends = any(mailer.chosen_at and lost is None for mailer, lost in mailers)
    for mailer, lost in mailers:
        if lost is None:
            continue
        severity, where = lost
        # A deployment sets the variable, or has forgotten it.
        perhaps = sends and not mailer.chosen_at
        if perhaps and severity is Severity.ERROR:
            severity = Severity.WARNING
        unless = ", unless a variable chooses what does" if perhaps else ""
        yield Finding(
            message=f"Mail goes {where}: {name_of(mailer.backend)} does not send it{unless}.",
            hint="Use SMTP, or the API of a provider.",
            location=mailer.chosen_at or project.where(*mailer.setting),
            severity=severity,
            confidence=Confidence.MEDIUM if perhaps else Confidence.HIGH,
        )


def _lost(project: Project, mailer: Mailer) -> tuple[Severity, str] | None:
    """Return where mail goes that is not sent, and how bad that is; None if it is sent."""
    # The file backend is a subclass of the console's: it is asked for first.
    if is_a(mailer.backend, FILE):
        shared = mailer.file_path and project.is_shared(mailer.file_path)
        return None if shared else (Severity.ERROR, "to files on the replica's own disk")
    if is_a(mailer.backend, CONSOLE):
        return Severity.INFO, "to the console"
    return (Severity.WARNING, "nowhere") if is_a(mailer.backend, *NOWHERE) else None


RULE = Rule("scaleready.E011", "email-local", find, leak=Leak.DATA)
