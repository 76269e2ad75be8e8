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

- nothing in the project writes a file of that name, and no script that starts it: it is mounted,
  as a secret of the platform is;
- a start script makes the key up where it is not given, and a deploy file gives it, or a file of
  the environment (`.env.example`) lists it for compose;
- the file that is read lies below `/run/secrets`.

It is a warning where only a start script makes the key, and hands it to the settings by itself, or
writes it into them (`sed -i "s/SECRET_KEY = .*/SECRET_KEY = '$(openssl rand -hex 32)'/"`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.paths.writers import LIKELY, READ, SURE
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.drawn import draws

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.project import Project

SLUG = "secret-file"
NEAR = 6
KEY_FILE = re.compile(r"secret[-_.]?key|django[-_.]?secret", re.IGNORECASE)
# At the end of a pipe, or by themselves; echo and printf write what they are given.
MAKERS = frozenset(
    [
        *("base64", "cut", "dd", "fold", "head", "md5sum", "openssl", "pwgen", "python", "python3"),
        *("sed", "sha256sum", "tr", "uuidgen", "xxd"),
    ]
)


def collect(reading: Reading) -> Iterator[Fact]:
    """Note where a module assigns SECRET_KEY: (the function that returns it, "" for none,)."""
    module = reading.module
    for value in module.top.bindings.get("SECRET_KEY", ()):
        name = module.qualified(value.func, module.top) if isinstance(value, ast.Call) else ""
        yield Fact(value.lineno, "", (name,))


def find(project: Project) -> Iterator[Finding]:
    """Yield the place where the key is read from a file that the project writes."""
    keys = [Location(source.path, fact.line) for source, fact in project.code.facts(SLUG)]
    written, read = _written(project), _read(project, keys)
    for (_, name), places in read.items():
        if name in written:
            # What opens the file stands below what asks if there is one.
            *others, place = places
            near = [key for key in keys if _near(key, place)]
            yield Finding(
                message=f"SECRET_KEY is read from {name}, which the project itself writes: each"
                " replica has a key of its own.",
                hint="Read SECRET_KEY from the environment, or a file that all replicas mount.",
                location=place,
                severity=Severity.ERROR,
                confidence=Confidence.HIGH,
                related=tuple(dict.fromkeys([*written[name], *near, *others])),
            )

    for key, wrote in project.code.once(_kept_by_function).items():
        yield Finding(
            message="SECRET_KEY comes from a function that keeps it in a file when it has made one:"
            " each replica has a key of its own.",
            hint="Read SECRET_KEY from the environment, or a file that all replicas mount.",
            location=key,
            severity=Severity.ERROR,
            confidence=Confidence.HIGH,
            related=tuple(dict.fromkeys(wrote)),
        )
    made = list(_made_by_script(project, {name for _, name in read}))
    yield from made
    told = {place for name in {name for _, name in read} for place in written.get(name, ())}
    yield from _given_by_script(project, told.union(finding.location for finding in made))


def _kept_by_function(code: Codebase) -> dict[Location, list[Location]]:
    """Return where the functions that settings get SECRET_KEY from write and read a file."""
    used: dict[tuple[str, str], list[tuple[str, Location]]] = {}
    for source, fact in code.facts("file-write"):
        place = Location(source.path, fact.line)
        used.setdefault((source.path, fact.function), []).append((fact.data[0], place))
    kept = {}
    for source, fact in code.facts(SLUG):
        found = code.function(fact.data[0]) if fact.data[0] else None
        uses = used.get((found[0].path, found[1]), []) if found else []
        if {READ, SURE} <= {kind for kind, _ in uses}:
            kept[Location(source.path, fact.line)] = [p for kind, p in uses if kind == SURE]
    return kept


def kept_at(project: Project) -> frozenset[Location]:
    """Return where the project writes the file that the settings read SECRET_KEY from."""
    keys = [Location(source.path, fact.line) for source, fact in project.code.facts(SLUG)]
    read = {name for _, name in _read(project, keys)}
    written = _written(project) if read else {}
    kept = project.code.once(_kept_by_function)
    by_functions = (place for places in kept.values() for place in places)
    return frozenset([*(place for name in read for place in written.get(name, ())), *by_functions])


def _read(project: Project, keys: list[Location]) -> dict[tuple[str, str], list[Location]]:
    """Return what is read beside the key: by file and name, the places."""
    having = {key.path for key in keys}
    read: dict[tuple[str, str], list[Location]] = {}
    for source, fact in project.code.facts("file-write"):
        if source.path not in having:
            continue
        place = Location(source.path, fact.line)
        kind, _, _, name, _ = fact.data
        if kind == READ and any(_near(key, place) for key in keys):
            read.setdefault((source.path, name), []).append(place)
    return read


def _written(project: Project) -> dict[str, list[Location]]:
    """Return what the project writes, or a command of a deployment, by the file's name."""
    written: dict[str, list[Location]] = {}
    for source, fact in project.code.facts("file-write"):
        kind, _, _, name, _ = fact.data
        if kind in {SURE, LIKELY} and name:
            written.setdefault(name, []).append(Location(source.path, fact.line))
    for command in project.deploy.commands:
        # get_random_secret_key() > "$KEY_FILE", in what starts a container.
        if command.output:
            name = PurePosixPath(command.output).name
            written.setdefault(name, []).append(command.location)
    return written


def _made_by_script(project: Project, known: set[str]) -> Iterator[Finding]:
    """Yield where a start script makes a key up: ``openssl rand -hex 32 > /srv/secret_key``.

    It hands the key to the settings itself, mostly as a variable.
    """
    for command in project.deploy.commands:
        name = PurePosixPath(command.output).name
        if command.program in MAKERS and KEY_FILE.search(name) and name not in known:
            known.add(name)
            yield Finding(
                message=f"A start script makes the key in {name} up: each replica has its own.",
                hint="Give all replicas the same SECRET_KEY: a secret of the platform.",
                location=command.location,
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
            )


def _given_by_script(project: Project, told: set[Location]) -> Iterator[Finding]:
    """Yield where a start script keeps what it draws, and gives it to the settings as variables."""
    for draw in draws(project):
        if draw.file and draw.location not in told:
            yield Finding(
                message=(
                    f"A start script makes {' and '.join(draw.names)} up and keeps what it makes in"
                    " a file: each replica has its own."
                ),
                hint="Give all replicas the same one: a secret of the platform.",
                location=draw.location,
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
            )


def _near(key: Location, place: Location) -> bool:
    return key.path == place.path and abs(key.line - place.line) <= NEAR


RULE = Rule("scaleready.E014", SLUG, find, Area.SOURCE, collect, leak=Leak.STATE)
