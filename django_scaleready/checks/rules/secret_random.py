"""A key made at start is another one in each process.

A session, a CSRF token, a password reset link signed by one replica is refused by the next, and by
the same replica after a restart: visitors are logged out at random. The settings are loaded in
fresh processes, on hosts of other names and at other times, and their values compared.

## Bad

```python title="settings.py"
from django.core.management.utils import get_random_secret_key

SECRET_KEY = get_random_secret_key()
```

## Good

```python title="settings.py"
import os

SECRET_KEY = os.environ.get("SECRET_KEY", "set in production")
```

## Stays silent when

- the value is the same in each process, wherever it comes from;
- the settings keep SECRET_KEY in a file: that is [secret-file](#secret-file)'s finding.

With `DEBUG` on it is a warning: such a key is often made for development alone. What differs and is
no key is the business of [setting-differs](#setting-differs).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.rules.secret_file import kept_at
from django_scaleready.checks.twins.difference import Difference

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_WORDS = ("SALT", "SECRET", "SIGNING")


def is_key(difference: Difference) -> bool:
    """Whether the value signs or encrypts, by its name."""
    names = [part.upper() for part in difference.path]
    return any(word in name for name in names for word in _WORDS) or names[-1].endswith("_KEY")


def _is_cleared(project: Project, difference: Difference) -> bool:
    """Whether settings that build on others took the value away again: SECRET_KEY = None."""
    name, *inner = difference.path
    return not inner and project.is_set(name) and project.setting(name, "") is None


def find(project: Project) -> Iterator[Finding]:
    """Yield each key that two processes do not share."""
    debug = bool(project.setting("DEBUG"))
    kept = {("SECRET_KEY",)} if kept_at(project) else set()
    for difference in project.differences:
        if not is_key(difference) or _is_cleared(project, difference) or difference.path in kept:
            continue
        yield Finding(
            message=(
                f"{difference} is {difference.follows}: what one replica signs the next refuses."
            ),
            hint=f"Read it from the environment, and give all replicas the same {difference}.",
            location=project.where(*difference.path),
            severity=Severity.WARNING if debug else Severity.ERROR,
            confidence=Confidence.MEDIUM if debug else Confidence.HIGH,
        )


RULE = Rule("scaleready.E013", "secret-random", find, leak=Leak.STATE)
