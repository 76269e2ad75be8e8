"""SIGTERM ends at a shell and never comes to the server.

The container's first process gets SIGTERM. A shell that waits for its child does not pass it on,
and as process 1 it ignores the signal itself: after the grace period everything is killed, with the
requests and tasks in flight, on every deploy. A server that the shell has put into the background
is as deaf, and so is a program of the project's own that would end on SIGTERM what it has begun, or
a command that the shell runs in a loop. A package manager (`npm start`) runs a script below a
shell. runit's `runsvdir` ends on SIGTERM and leaves what it has started to be killed; `su` and
`runuser` pass it on and kill two seconds later, however long the grace period. A script with a trap
tells the server to stop, but if it ends behind the `wait` that the trap cut short, it leaves no
time for that. Another signal may come to the server and be the wrong one: on SIGINT and SIGQUIT
gunicorn drops the requests it is answering, uvicorn does not know SIGQUIT, and `stopsignal=KILL` or
`KillSignal=SIGKILL` leaves nothing any time at all.

## Bad

```text title="entrypoint.sh"
#!/bin/sh
python manage.py check --deploy
gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
ENTRYPOINT ["/app/entrypoint.sh"]
```

## Good

```text title="entrypoint.sh"
#!/bin/sh
python manage.py check --deploy
exec gunicorn -c python:django_scaleready.gunicorn mysite.wsgi
```

```dockerfile title="Dockerfile"
FROM python:3.13
COPY . /app
ENTRYPOINT ["/app/entrypoint.sh"]
```

## Stays silent when

- the last command is started with `exec`, be it through `gosu` or `env`, or as `exec "$@"`; so it
  may be through Alpine's `su`, which makes room for it;
- the shell makes room for the last command of a shell form: bash and Alpine's sh do, Debian's does
  not;
- what the shell starts is a script that nothing is known of, and no image names a port (`EXPOSE`);
  one in Python that lies beside the start script is asked whether it, or what it imports, sets a
  handler of SIGTERM;
- something passes the signal on: `trap` with a second `wait`, `dumb-init`, `tini -g`,
  `stopasgroup`, s6, `my_init`, systemd;
- a loop that runs a command again and again is left (`break`), or its script has a trap;
- a script ends with a server that puts itself into the background (`--daemon`, `--daemonize`), and
  no container starts it;
- no deploy file starts the script, and `.dockerignore` leaves it out of the image;
- the image is another program's: it copies only what lies beside its Dockerfile, in a folder where
  nothing speaks of Django or of a server for it;
- the signal is another, as `STOPSIGNAL`, `stop_signal` or supervisord's `stopsignal` has it, and
  the server finishes its requests on that one, too: uvicorn does on SIGINT.

A service that compose files beside each other say, each with the same program, is one finding.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Hashable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.command import IMPATIENT, MANAGERS, PYTHON
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.reaching.started import ends, program_of
from django_scaleready.checks.rules.sigterm_unheard import sets_handler
from django_scaleready.checks.stop_signals import hurried, is_looped
from django_scaleready.checks.together import of_service, together

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

# They start what is due, and end with what runs when they are told to.
CLOCKS = frozenset({"supercronic", "rqscheduler", "runapscheduler"})
CERTAIN = frozenset({Kind.DOCKERFILE, Kind.COMPOSE, Kind.KUBERNETES})


def find(project: Project) -> Iterator[Finding]:
    """Yield, for each process, the servers, workers and clocks that do not hear of SIGTERM."""
    yield from hurried(project)
    yield from together(_found(project))


def _found(project: Project) -> Iterator[tuple[Hashable, Finding]]:
    seen: set[Location] = set()
    for process in project.deploy.processes:
        heard = any(c.serves and c.alone and not c.cut and not c.via for c in process.commands)
        new = (c for c in process.commands if seen.isdisjoint(_places(c)))
        deaf = [c for c in new if _is_deaf(c, partial(_listens, project, process, c))]
        # What supervises beside a server that hears of it has put itself into the background.
        deaf = [c for c in deaf if not (heard and _manages(c))]
        # Heroku tells every process of a dyno; a script of its own may be started elsewhere.
        if process.kind is Kind.PROCFILE:
            deaf = [c for c in deaf if not _is_of_a_dyno(c, process)]
        if process.kind is Kind.SCRIPT:
            deaf = [c for c in deaf if not (c.detaches and c is process.commands[-1])]
        seen |= {place for command in deaf for place in _places(command)}
        if deaf and not process.once:
            yield of_service(process, _first(deaf)), _finding(process, deaf)


def _places(command: Command) -> Iterator[Location]:
    """Yield where something is mended: one more ``wait`` is there for all that a script starts."""
    yield command.location
    if command.cut and command.alone:
        yield command.cut


def _listens(project: Project, process: Process, command: Command) -> bool:
    """Whether it is a program of the project that goes on, and says what it does on SIGTERM."""
    goes_on = not command.awaited or command is process.commands[-1]
    program = program_of(project.code, command) if goes_on else None
    content = (project.root / program.path).read_bytes() if program else b""
    hears = b"signal.signal(" in content and b"SIGTERM" in content
    hears = hears or (goes_on and _hears_by_itself(project, command))
    return hears or _is_server(project, process, command) or is_looped(project, process, command)


def _hears_by_itself(project: Project, command: Command) -> bool:
    """Whether it is a file beside the script that starts it, which sets a handler or imports one.

    That may be called manage.py and be none of Django's: it is told nothing.
    """
    word = command.words[0]
    if command.management or not word.endswith(".py"):
        return False
    folder = posixpath.dirname(command.location.path)
    path = posixpath.normpath(posixpath.join(folder, command.folder, word))
    return sets_handler(project.code, path)


def _is_server(project: Project, process: Process, command: Command) -> bool:
    """Whether it is a script of the project that an image ends with which names a port.

    It may be one that starts others, of which nothing is known.
    """
    last = process.commands[-1]
    if not process.listens or process.serves or not process.own or command.management:
        return False
    starts = command.location in last.via[-1:]
    own = command is last and program_of(project.code, command) is not None
    return (starts or own) and not ends(_named(command))


def _is_deaf(command: Command, listens: Callable[[], bool]) -> bool:
    works = command.serves or command.works or command.runs_celery("beat")
    # Beside a server it is no loss of its own: a clock that the container is for.
    ticks = command.awaited and (command.program in CLOCKS or command.management in CLOCKS)
    silent = not command.alone or command.cut is not None or bool(command.left_by)
    if command.supervised or not silent:
        return False
    return works or ticks or _manages(command) or listens()


def _manages(command: Command) -> bool:
    hands_on = command.program in IMPATIENT and command.program == command.left_by
    return hands_on or command.program in MANAGERS or command.program == "supervisord"


def _is_of_a_dyno(command: Command, process: Process) -> bool:
    """Whether a line of the Procfile starts it with nothing of the project's between."""
    places = {place.path for place in (command.location, *command.via)}
    return process.location.path in places or command.location.path.startswith(".heroku/")


def _first(deaf: list[Command]) -> Command:
    return min(deaf, key=lambda command: (not command.awaited, not command.sure))


def _finding(process: Process, deaf: list[Command]) -> Finding:
    first = _first(deaf)
    if first.left_by in IMPATIENT and not first.alone:
        # What is before it does not tell it either.
        first = replace(first, left_by="")
    certain = process.kind in CERTAIN and first.sure
    places = (place for c in deaf for place in (c.location, *_callers(c), c.below, c.cut) if place)
    return Finding(
        message=_cut(first) if first.cut and first.alone else _unheard(first, _signal(process)),
        hint=_hint(first),
        location=_place(first),
        severity=Severity.WARNING,
        confidence=Confidence.HIGH if certain else Confidence.MEDIUM,
        related=tuple(place for place in dict.fromkeys(places) if place != _place(first)),
    )


def _is_inside(command: Command) -> bool:
    """Whether it is a server that a script in Python runs in itself, below a shell."""
    return command.location.path.endswith(".py") and command.below is not None


def _signal(process: Process) -> str:
    name = process.stop_signal.removeprefix("SIG")
    return f"SIG{name}" if name.isalpha() else "SIGTERM"


def _place(first: Command) -> Location:
    return first.below if first.below and _is_inside(first) else first.location


def _callers(command: Command) -> tuple[Location, ...]:
    """Return who starts a script of a package.json, for that is where exec may be missing."""
    return command.via if command.location.path.endswith("package.json") else ()


def _named(command: Command) -> str:
    """Return the name of a program, or of the script that is given to Python."""
    given = [word for word in command.arguments if not word.startswith("-")]
    script = PYTHON.fullmatch(command.program) and given
    return PurePath(given[0]).name if script else command.program


def _unheard(first: Command, signal: str) -> str:
    if first.left_by in IMPATIENT:
        what = "what it starts" if first.program == first.left_by else first.program
        return (
            f"On SIGTERM {first.left_by} passes it on and kills {what} two seconds later, with what"
            " it is doing."
        )
    if first.left_by:
        return (
            f"SIGTERM does not come to {first.program}: {first.left_by} ends on it and tells"
            " nobody, so it is killed with what it is doing."
        )
    if first.repeated and first.management:
        return (
            f"{signal} does not come to {first.management}: the shell that runs it again and again"
            " passes no signal on, so it is killed with what it is doing."
        )
    how = "waits for it" if first.awaited else "has put it into the background"
    what = "the package manager" if _callers(first) and first.awaited else "the shell"
    if first.detaches:
        how = "cannot wait for what detaches itself"
    return (
        f"{signal} does not come to {_named(first)}: {what} that started it {how} and passes no"
        " signal on, so it is killed with what it is doing."
    )


def _cut(first: Command) -> str:
    return (
        f"The trap passes SIGTERM on to {first.program}, and the script ends without waiting for"
        " it: `wait` returns when a trap has run, and the container stops with its first process."
    )


def _hint(first: Command) -> str:
    if first.cut:
        return 'Wait once more behind it: trap - TERM; wait "$pid". Or start it with exec.'
    if first.left_by in IMPATIENT:
        return "Let gosu or setpriv, which are gone then, change the user: exec gosu app …"
    if first.left_by:
        return (
            "Start each in a container of its own, or have a trap send SIGHUP to runsvdir and wait."
        )
    if first.repeated and first.management:
        return "Let the loop end between two of them: trap exit TERM, and sleep 60 & wait $!."
    if first.awaited:
        return f"Start it with exec: exec {'python' if _is_inside(first) else first.program} …"
    return "Start each in a container of its own, with exec."


RULE = Rule("scaleready.W095", "signal-swallowed", find, Area.DEPLOY, leak=Leak.LIFECYCLE)
