"""A key made at start is another one in each process.

A session, a CSRF token, a password reset link signed by one replica is refused by the next, and by
the same replica after a restart: visitors are logged out at random. The settings are loaded in
fresh processes, on hosts of other names and at other times, and their values compared. A script
that starts a container may make it up, too: `export SECRET_KEY=$(openssl rand -hex 32)`.

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
- the settings keep SECRET_KEY in a file: that is [secret-file](#secret-file)'s finding;
- a start script makes the key up where it is not given, and a deploy file gives it, or a file of
  the environment (`.env.example`) lists it for compose.

Keys that only take the value of another one are told with that. With `DEBUG` on it is a warning:
such a key is often made for development alone. It is information where a script that no container
runs writes a key of the same name into a file of the environment (`echo "SECRET_KEY=$key" >>
shop.env`): then the one that is made anew is only what is left without it. What differs and is no
key is the business of [setting-differs](#setting-differs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.drawn import draws
from django_scaleready.checks.rules.secret_file import kept_at
from django_scaleready.checks.twins.difference import Difference

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# echo "SECRET_KEY=$key" >> docker/shop.env
_WRITTEN = re.compile(rb"\b(\w*SECRET\w*)=[^\n]*>>\s*[\w./${}\"-]*env")
_WORDS = ("SALT", "SECRET", "SIGNING")


def is_key(difference: Difference) -> bool:
    """Whether the value signs or encrypts, by its name."""
    names = [part.upper() for part in difference.path]
    return any(word in name for name in names for word in _WORDS) or names[-1].endswith("_KEY")


def _is_cleared(project: Project, difference: Difference) -> bool:
    """Whether settings that build on others took the value away again: SECRET_KEY = None."""
    name, *inner = difference.path
    return not inner and project.is_set(name) and project.setting(name, "") is None


def _rank(project: Project, difference: Difference) -> tuple[bool, Location]:
    """Return what is sorted by: of keys that are alike, Django's own or the first one is told."""
    return difference.path != ("SECRET_KEY",), project.where(*difference.path)


def _value(project: Project, difference: Difference) -> str:
    """Return what keys that are alike have in common: their value, or the name it comes from."""
    name, *inner = difference.path
    value = project.setting(name)
    for key in inner:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) and value else difference.of or str(difference)


def find(project: Project) -> Iterator[Finding]:
    """Yield each key that two processes do not share."""
    debug = bool(project.setting("DEBUG"))
    kept = {("SECRET_KEY",)} if kept_at(project) else set()
    told: set[str] = set()
    alike: dict[str, list[Difference]] = {}
    differences = sorted(project.differences, key=lambda each: _rank(project, each))
    for difference in differences:
        if (
            is_key(difference)
            and not _is_cleared(project, difference)
            and difference.path not in kept
        ):
            alike.setdefault(_value(project, difference), []).append(difference)
    for difference, *others in alike.values():
        location = project.where(*difference.path)
        script = _installer(project, location)
        left = f" {script} writes one into a file of the environment." if script else ""
        severity = Severity.INFO if script else Severity.WARNING if debug else Severity.ERROR
        places = dict.fromkeys(project.where(*each.path) for each in others)
        yield Finding(
            message=(
                f"{difference} is {difference.follows}: what one replica signs the next refuses."
                + left
            ),
            hint=f"Read it from the environment, and give all replicas the same {difference}.",
            location=location,
            severity=severity,
            confidence=Confidence.MEDIUM if debug or script else Confidence.HIGH,
            related=tuple(place for place in places if place != location),
        )
        told.add(location.path)
    yield from _made_by_script(project, told)


def _made_by_script(project: Project, told: set[str]) -> Iterator[Finding]:
    """Yield each place where a start script draws a key and keeps it nowhere.

    ``told``: the settings whose own key is made anew; they have it from there.
    """
    asking = [files.content(project.root, path) for path in told]
    for draw in draws(project):
        names = [n for n in draw.names if not any(n.encode() in text for text in asking)]
        if names and not draw.file:
            yield Finding(
                message=(
                    f"A start script makes {' and '.join(names)} up in each container: what one"
                    " replica signs the next refuses."
                ),
                hint="Give all replicas the same one: a secret of the platform.",
                location=draw.location,
                severity=Severity.ERROR if draw.sure else Severity.WARNING,
                confidence=Confidence.HIGH if draw.sure else Confidence.MEDIUM,
            )


def _installer(project: Project, location: Location) -> str:
    """Return the script that writes the key which the settings ask the environment for, if any.

    One that a container runs would write another key in each.
    """
    asked = files.content(project.root, location.path)
    scripts = {path for path in project.code.listed if path.endswith(".sh")}
    for path in sorted(scripts - _running(project)) if scripts else ():
        names = _WRITTEN.findall(files.content(project.root, path))
        if any(re.search(rb"[\"']%b[\"']" % name, asked) for name in names):
            return path
    return ""


def _running(project: Project) -> set[str]:
    """Return the files that a deployment goes through when it starts something."""
    commands = (command for process in project.deploy.processes for command in process.commands)
    return {place.path for command in commands for place in (command.location, *command.via)}


RULE = Rule("scaleready.E013", "secret-random", find, leak=Leak.STATE)
