"""Each replica that starts empties what the others are using.

A cache that all replicas share holds what they count and lock there, and sessions perhaps; a search
index holds what they find. Cleared by a start script, it is cleared whenever a replica is added or
replaced, a crash at night among them: rate limits begin anew, locks are gone while somebody holds
them, everybody computes the same at once, and searches find nothing until it is filled again.

## Bad

```text title="entrypoint.sh"
#!/bin/sh
python manage.py clear_cache
exec gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
WORKDIR /app
CMD ["./entrypoint.sh"]
```

## Good

```text title="Procfile"
release: python manage.py clear_cache
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

A version in the cache's keys (`KEY_PREFIX` or `VERSION`, from the release) needs no clearing at
all.

## Stays silent when

- it runs once for a release: `release:` in a Procfile, a Job, a Helm hook;
- the script runs it only with an argument or a variable that nothing here gives;
- it names one key, or a cache of its own: `clear_cache --key menu`;
- the index is updated and not emptied: `update_index`, `search_index --populate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Rule, Severity

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

# Of django-extensions and others: what each empties, and the options that it takes for that.
EMPTIES = {
    "clear_cache": ("the cache", ()),
    "clearcache": ("the cache", ()),
    "flush": ("the database", ()),
    "rebuild_index": ("the search index", ()),
    "clear_index": ("the search index", ()),
    "search_index": ("the search index", ("--rebuild", "--delete")),
}
# They leave the rest alone, or ask.
PARTS = ("--key", "--cache", "--using", "--models", "--help")
DEFAULT = "default"
REDIS = frozenset({"flushall", "flushdb"})


def find(project: Project) -> Iterator[Finding]:
    """Yield what is emptied at the start of processes of which there may be several."""
    seen = set()
    for process in project.deploy.processes:
        if not process.is_replica or process.on_demand:
            continue
        for command in process.commands:
            what = _emptied(command)
            if what and command.location not in seen:
                seen.add(command.location)
                yield Finding(
                    message=(
                        f"Each replica of {process.name!r} empties {what} when it starts, while the"
                        " others use it."
                    ),
                    hint="Do it once for each release: a Job, a Helm hook, `release:`.",
                    location=command.location,
                    severity=Severity.WARNING,
                    confidence=Confidence.HIGH if command.sure else Confidence.MEDIUM,
                )


def _emptied(command: Command) -> str:
    """Return what a program empties, "" for nothing."""
    if command.program in {"redis-cli", "valkey-cli"}:
        return "Redis" if REDIS & {word.lower() for word in command.arguments} else ""
    what, needed = EMPTIES.get(command.management, ("", ()))
    asked = [command.option(name) for name in PARTS if command.has_option(name)]
    taken = not needed or command.has_option(*needed)
    return what if taken and all(value == DEFAULT for value in asked) else ""


RULE = Rule("scaleready.W157", "cleared-on-start", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
