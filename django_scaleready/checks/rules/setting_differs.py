"""A setting that is not the same in two processes makes two programs of one project.

A cache prefix with the host's name in it hides what other replicas have cached; one with a time
stamp empties the cache at each start. A cookie's name that differs logs visitors out. The settings
are loaded in fresh processes with other hash seeds, host names, clocks and working directories, and
their values compared.

## Bad

```python title="settings.py"
import socket

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://cache/0",
        "KEY_PREFIX": socket.gethostname(),
    }
}
```

## Good

```python title="settings.py"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": "redis://cache/0",
        "KEY_PREFIX": "shop",
    }
}
```

## Stays silent when

- only the order differs, and order means nothing there (it does in `MIDDLEWARE`, `INSTALLED_APPS`,
  `AUTHENTICATION_BACKENDS`);
- the value names the replica, for logs and monitoring: `HOSTNAME`, `INSTANCE_ID`, anything below
  `LOGGING`, the host in `ALLOWED_HOSTS`;
- it says when the process began: `STARTED_AT`, `BOOT_TIME`;
- it follows the working directory, and was set by a package whose settings are imported.

What is shared by its nature (caches, databases, cookies, sessions, queues) is an error, another
setting a warning. What follows the working directory is one information for all: it is the same in
all containers of an image. Keys are the business of [secret-random](#secret-random).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.rules.secret_random import is_key
from django_scaleready.checks.twins.difference import Difference, Follows

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_SHARED = re.compile(r"CACHES|DATABASES|COOKIE|SESSION|QUEUE|BROKER|CHANNEL_LAYERS|KEY_PREFIX")
_ORDERED = frozenset({"AUTHENTICATION_BACKENDS", "INSTALLED_APPS", "MIDDLEWARE"})
# They tell replicas apart, or name the one at hand.
_OF_THE_HOST = re.compile(
    r"HOST|NODE|INSTANCE|REPLICA|POD|MACHINE|SERVER|LOGGING|INTERNAL_IPS|SENTRY|TELEMETRY|METRIC"
)
_OF_THE_START = re.compile(r"START|BOOT|UPTIME|LAUNCH|PID")


def find(project: Project) -> Iterator[Finding]:
    """Yield what differs, and all that follows the working directory as one."""
    differing = [d for d in project.differences if not is_key(d) and not _harmless(d)]
    for difference in differing:
        if difference.follows is not Follows.FOLDER:
            yield _finding(project, difference)
    # What another package makes of the working directory, the project cannot write otherwise.
    elsewhere = [
        difference
        for difference in differing
        if difference.follows is Follows.FOLDER
        and not project.places.is_foreign(difference.setting)
    ]
    if elsewhere:
        yield _of_the_folder(project, elsewhere)


def _harmless(difference: Difference) -> bool:
    if difference.order:
        return difference.setting not in _ORDERED
    names = ".".join(difference.path).upper()
    if difference.follows is Follows.HOST:
        return bool(_OF_THE_HOST.search(names)) and not _SHARED.search(names)
    return bool(_OF_THE_START.search(names)) and not _SHARED.search(names)


def _finding(project: Project, difference: Difference) -> Finding:
    shared = bool(_SHARED.search(".".join(difference.path).upper()))
    follows = "a list in the order of a set" if difference.order else difference.follows
    return Finding(
        message=f"{difference} is {follows}: two replicas do not have the same.",
        hint="Write the value down, or read it from an environment that all replicas share.",
        location=project.where(*difference.path),
        severity=Severity.ERROR if shared else Severity.WARNING,
        confidence=Confidence.HIGH if shared else Confidence.MEDIUM,
    )


def _of_the_folder(project: Project, differences: list[Difference]) -> Finding:
    places = [project.where(*difference.path) for difference in differences]
    names = ", ".join(dict.fromkeys(difference.setting for difference in differences))
    return Finding(
        message=f"What is made from the working directory: {names}.",
        hint="Make paths from __file__, so that each process of the project means the same.",
        location=places[0],
        severity=Severity.INFO,
        related=tuple(dict.fromkeys(place for place in places[1:] if place != places[0])),
    )


RULE = Rule("scaleready.E102", "setting-differs", find, leak=Leak.STATE)
