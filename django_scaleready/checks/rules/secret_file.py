"""The key is read from a file that the application itself makes.

Each replica makes a file of its own when it first starts, so each has a key of its own: a session
or a link signed by one is refused by the next.

## Bad

```python title="settings.py"
from pathlib import Path

SECRET_FILE = Path("/srv/data/secret_key.txt")
SECRET_KEY = SECRET_FILE.read_text() if SECRET_FILE.exists() else "not made yet"
```

```python title="shop/management/commands/make_key.py"
from django.core.management.base import BaseCommand
from django.core.management.utils import get_random_secret_key


class Command(BaseCommand):
    def handle(self, **options):
        with open("/srv/data/secret_key.txt", "w") as file:
            file.write(get_random_secret_key())
```

## Good

```python title="settings.py"
import os

SECRET_KEY = os.environ.get("SECRET_KEY", "set in production")
```

## Stays silent when

- nothing in the project writes a file of that name: it is mounted, as a secret of the platform is;
- the file that is read lies below `/run/secrets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact

if TYPE_CHECKING:
    from django_scaleready.checks.code.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "secret-file"
NEAR = 6


def collect(reading: Reading) -> Iterator[Fact]:
    """Note where a module assigns SECRET_KEY, and the files it reads by read_text()."""
    module = reading.module
    for value in module.top.bindings.get("SECRET_KEY", ()):
        yield Fact(value.lineno, "", ("key", ""))
    if "SECRET_KEY" in module.top.bindings:
        for site in module.calls("read_text", "read_bytes"):
            yield module.fact(site, "read", reading.name_in(site))


def find(project: Project) -> Iterator[Finding]:
    """Yield the place where the key is read from a file that the project writes."""
    written: dict[str, list[Location]] = {}
    read: list[tuple[str, Location]] = []
    for source, fact in project.code.facts("file-write"):
        place = Location(source.path, fact.line)
        kind, _, _, name = fact.data
        if kind == "read":
            read.append((name, place))
        elif kind in {"sure", "likely"} and name:
            written.setdefault(name, []).append(place)
    keys = set()
    for source, fact in project.code.facts(SLUG):
        place = Location(source.path, fact.line)
        if fact.data[0] == "key":
            keys.add(place)
        else:
            read.append((fact.data[1], place))
    for name, place in read:
        near = [k for k in keys if k.path == place.path and abs(k.line - place.line) <= NEAR]
        if near and name in written:
            yield Finding(
                message=f"SECRET_KEY is read from {name}, which the project itself writes: each"
                " replica has a key of its own.",
                hint="Read SECRET_KEY from the environment, or a file that all replicas mount.",
                location=place,
                severity=Severity.ERROR,
                confidence=Confidence.HIGH,
                related=tuple(dict.fromkeys([*written[name], *near])),
            )


RULE = Rule("scaleready.E014", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
