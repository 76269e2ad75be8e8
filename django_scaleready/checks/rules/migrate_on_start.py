"""Every replica migrates the database when it starts.

Three replicas that start together run three migrations at once, and a release whose migration takes
a minute has no replica that is ready before. A restart at night, after a node died, migrates too.
A lock on the local disk does not help: each replica has its own disk. Receivers of `post_migrate`
are called each time, although there may be nothing to migrate: rows that one deletes and loads anew
are gone meanwhile for those that serve, and a task that one sends is sent by each replica.

## Bad

```text title="entrypoint.sh"
#!/bin/sh
python manage.py migrate --noinput
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
release: python manage.py migrate --noinput
web: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

```yaml title="docker-compose.yml"
services:
  migrate:
    image: mysite
    command: python manage.py migrate --noinput
  web:
    image: mysite
    command: gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
    depends_on:
      migrate:
        condition: service_completed_successfully
```

## Stays silent when

- it runs once for a release: `release:` in a Procfile, a Job, a Helm hook, a service of its own
  that others wait for;
- it asks and changes nothing: `migrate --check`, `migrate --plan`;
- the container has a beat in it and serves nothing, and its file says that there is one of it
  (`replicas: 1`), the old one of which ends before the new one starts;
- the script runs it only with an argument or a variable that nothing here gives;
- a receiver of `post_migrate` creates what is missing, or deletes and fills in a transaction;
- the task that one sends is sent once, however many send it: celery-singleton's `Singleton`,
  celery-once's `QueueOnce`;
- nothing that is started behind it is known to serve or to work, and no image says on which port it
  listens (`EXPOSE`).

It is information if what runs is a command of the project's own that migrates, and takes a lock
that all replicas see (`pg_advisory_lock`, `GET_LOCK`, `cache.lock()`).

A service that compose files beside each other say, each with the same command, is one finding.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator, Set
from functools import partial
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.queries import after_migrate
from django_scaleready.checks.code.queries.after_migrate import COMMANDS
from django_scaleready.checks.code.tasks.sends import OF_TASKS
from django_scaleready.checks.deployment.command import PYTHON
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.reaching import paced
from django_scaleready.checks.together import of_service, together

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase, Key
    from django_scaleready.checks.code.summary import Call, Summary
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

SLUG = "migrate-on-start"
MIGRATES = frozenset({"migrate", "migrate_schemas", "syncdb"})
BASE = "django.core.management.commands.migrate."
# Bases of tasks of which there is one at a time.
ONCE = ("celery_once.", "celery_singleton.")
_BOTH = re.compile(
    r"migrate[-_]?(and[-_]?)?(serve|start|run|runserver|web)|(serve|start|run)[-_]and[-_]migrate"
)
# What a script says in a way that is not followed.
UNTOLD = "$value"
SENT = "sends a task"
ASKS = ("--check", "--plan", "--help", "--prune")


def find(project: Project) -> Iterator[Finding]:
    """Yield the migrations of each process of which there may be several, and what they bring."""
    found = [*together(_migrations(project))]
    yield from found
    if found:
        yield from _told(project, found[0].location)


def _told(project: Project, migration: Location) -> Iterator[Finding]:
    """Yield what receivers of post_migrate do that each replica does again."""
    seen: set[Location] = set()
    for source, fact in project.code.facts(SLUG):
        told = fact.data[0] == after_migrate.TOLD
        if not told or project.is_switched_off(source.path, fact.function, fact.line):
            continue
        connected = Location(source.path, fact.line)
        for done, inside in _done(project.code, fact.data[1]):
            # A task that others send rightly is sent there, too.
            first, second = (connected, inside) if done == SENT else (inside, connected)
            if first in seen:
                continue
            seen.add(first)
            yield Finding(
                message=f"post_migrate {done}, for each replica that migrates when it starts.",
                hint="Do it in a migration, or in a command that runs once for each release.",
                location=first,
                severity=Severity.WARNING,
                confidence=Confidence.MEDIUM,
                related=(second, migration),
            )


def _done(code: Codebase, receiver: str) -> Iterator[tuple[str, Location]]:
    """Yield what a receiver empties or sends, and where."""
    emptied = {
        (source.path, fact.function): fact
        for source, fact in code.facts(SLUG)
        if fact.data[0] == after_migrate.EMPTIED
    }
    told = code.function(receiver)
    for source, name, function in paced.steps(code, [told] if told else []):
        if fact := emptied.get((source.path, name)):
            yield f"empties the table of {fact.data[1]}", Location(source.path, fact.line)
        for call in function.calls:
            if _sends(code, call):
                yield SENT, Location(source.path, call.line)


def _sends(code: Codebase, call: Call) -> bool:
    """Whether a call sends a task of the project, again if another has sent it."""
    task, _, method = call.callee.rpartition(".")
    found = code.function(task) if method in OF_TASKS else None
    return found is not None and (found[0].path, found[1]) not in code.once(_single)


def _single(code: Codebase) -> set[Key]:
    """Return the tasks of which there is one at a time, whoever sends it."""
    return {
        (source.path, fact.function)
        for source, fact in code.facts(SLUG)
        if fact.data[0] == after_migrate.BASED
        if any(name.startswith(ONCE) for name in code.ancestors(fact.data[2]))
    }


def _migrations(project: Project) -> Iterator[tuple[Hashable, Finding]]:
    """Yield the migrations of each process of which there may be several, with its service."""
    seen, said = set(), _alone(project)
    locking = project.code.once(_locking_commands)
    migrates = partial(_migrates, names=MIGRATES | project.code.once(_own_commands))
    for process in project.deploy.processes:
        # A script that one process surely migrates with may do so in another only perhaps.
        found = [c for c in process.commands if migrates(c) and (c.sure or c.location not in seen)]
        found = [command for command in found if command.location not in said]
        both = [c for c in process.commands if _migrates_and_serves(c) and not process.once]
        seen |= {command.location for command in found}
        found = (found if process.is_replica or _goes_on(process) else []) or both
        if not found:
            continue
        said |= {command.location for command in found}
        first = next((c for c in found if c.management not in locking), found[0])
        waits = first.management in locking
        finding = Finding(
            message=f"Each replica of {process.name!r} runs migrate when it starts."
            + f" {first.management} takes a lock, so one does it after the other." * waits,
            hint=(
                "Run it once for each release: a Job or a Helm hook, `release:` in a Procfile, a"
                " service that the others wait for (service_completed_successfully)."
            ),
            location=first.location,
            severity=Severity.INFO if waits else Severity.WARNING,
            confidence=Confidence.HIGH if first.sure else Confidence.MEDIUM,
            related=_related(process, first, found),
        )
        yield of_service(process, first), finding


def _alone(project: Project) -> set[Location]:
    """Return what is started only where a file says that there is one: that has a beat inside.

    The image itself says nothing of how many there are.
    """
    processes = [each for each in project.deploy.processes if each.kind is not Kind.DOCKERFILE]
    ones = [each for each in processes if _is_one(each)]
    others = {c.location for each in processes if each not in ones for c in each.commands}
    return {c.location for each in ones for c in each.commands} - others


def _is_one(process: Process) -> bool:
    given = process.replicas
    said = given is not None and given.said and given.value == 1 and not process.overlaps
    return said and not process.serves and any(c.runs_celery("beat") for c in process.commands)


def _goes_on(process: Process) -> bool:
    """Whether an image of the project's listens by a program that nothing is known of.

    It makes room for that, or starts a script in Python that goes on in ways of its own.
    """
    commands = process.commands if process.listens and process.own and not process.once else ()
    if not commands or process.on_demand:
        return False
    last = commands[-1]
    untold = last.management == UNTOLD or PYTHON.fullmatch(last.program)
    return bool(untold) or (last.alone and not last.management)


def _related(process: Process, first: Command, found: list[Command]) -> tuple[Location, ...]:
    """Return the other migrations, and who starts them: also a container before the main one."""
    starters = [place for command in found for place in command.via]
    if process.beside and process.started_at and process.started_at.path != first.location.path:
        starters.append(process.started_at)
    places = dict.fromkeys([*(command.location for command in found), *starters])
    return tuple(place for place in places if place != first.location)


def _own_commands(code: Codebase) -> set[str]:
    """Return the commands of the project's own that migrate: they derive from it, or call it."""
    facts = code.facts("called-commands")
    calling = {source.path for source, fact in facts if fact.data[0] in MIGRATES}
    commands = [source for source in code if COMMANDS in f"/{source.path}"]
    return {
        _named(source)
        for source in commands
        if source.path in calling or any(name.startswith(BASE) for name in source.imported)
    }


def _locking_commands(code: Codebase) -> set[str]:
    """Return the commands of the project's own that take a lock which all replicas see."""
    facts = code.facts(SLUG)
    return {_named(source) for source, fact in facts if fact.data[0] == after_migrate.LOCKS}


def _named(source: Summary) -> str:
    """Return the name of the command that a file holds."""
    return source.path.rpartition("/")[2].removesuffix(".py")


def _migrates(command: Command, names: Set[str]) -> bool:
    return command.management in names and not command.has_option(*ASKS)


def _migrates_and_serves(command: Command) -> bool:
    """Whether a program of its own is told to do both: ``shop migrate-and-serve``."""
    return any(_BOTH.fullmatch(word) for word in command.arguments[:1])


RULE = Rule(
    "scaleready.W092", SLUG, find, Area.DEPLOY, after_migrate.after_migrate, leak=Leak.LIFECYCLE
)
