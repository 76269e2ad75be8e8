"""A server's output goes to a file of its replica.

The file fills the disk of one machine, is gone with the container, and holds a part of what
happened: the line that explains an error is on whichever replica served the request. Rotation by
the process that writes loses lines when several write. supervisord makes such a file of its own,
and removes it when it starts, for a program of a container that is not told where to write.

## Bad

```ini title="supervisord.conf"
[program:web]
command = gunicorn mysite.wsgi
stdout_logfile = /var/log/web.log
stdout_logfile_maxbytes = 10MB
```

## Good

```ini title="supervisord.conf"
[program:web]
command = gunicorn mysite.wsgi
stdout_logfile = /dev/fd/1
stdout_logfile_maxbytes = 0
```

## Stays silent when

- the path is the container's own output: `/dev/stdout`, `/dev/fd/1`, `/proc/1/fd/1`, `-`, or a link
  to it that the image makes;
- supervisord is not told where to, and a listener of its own (`[eventlistener:…]`), or its own log
  (`loglevel = debug`), has what its programs write;
- a start script prints what is written to it: `tail -F /var/log/app/*.log &`;
- the configuration of a log shipper names it: CloudWatch's agent, Promtail, Filebeat, Fluent Bit;
- it is the log of an nginx that stands before the application, in a container of its own, or one
  that each `server` replaces by its own;
- it is a copy of a configuration that a container starts, with the same program and path, and no
  container starts the copy: it is named with the other;
- the file is not deployed, or is a configuration of supervisord that was left behind: nothing
  starts it, the scripts that it names are not there, and systemd's units serve.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Confidence, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.inner_nginx import configurations, is_linked, is_replaced
from django_scaleready.checks.deployment.shell.console import is_tailed
from django_scaleready.checks.disk.shippers import is_one_of, shipped

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.command import Command
    from django_scaleready.checks.project import Project

# Where supervisord writes what it is not told about.
AUTO = "a file that supervisord makes in its temporary folder"
UWSGI = ("daemonize", "daemonize2", "logto", "logto2", "logger", "req-logger", "log-req")
GUNICORN = ("accesslog", "errorlog")
# supervisord hands what its programs write on to a listener, or writes it into its own log.
HANDED_ON = re.compile(r"^(\[eventlistener:|loglevel *= *(debug|trace|blather))", re.MULTILINE)
NGINX = ("access_log", "error_log")


def find(project: Project) -> Iterator[Finding]:
    """Yield each file that something's output is written to."""
    seen = set()
    # Most projects write to none, and are not looked through.
    followed: frozenset[str] | None = None
    for what, given, location, more in (
        *_supervised(project),
        *_untold(project),
        *_servers(project),
        *_commands(project),
        *_nginx(project),
    ):
        path = _plain(given)
        if location in seen or _is_shown(project, path) or path == "/dev/null":
            continue
        seen |= {location, *more}
        if followed is None:
            followed = shipped(project.root, project.code.listed)
        if is_one_of(path, followed):
            continue
        yield Finding(
            message=f"{what} is written to {path}, on one replica's disk.",
            hint="Let it go to stdout; the platform collects that of all replicas.",
            location=location,
            severity=Severity.WARNING,
            confidence=Confidence.MEDIUM,
            related=tuple(more),
        )


def _plain(given: str) -> str:
    return given.removeprefix("file:")


Log = tuple[str, str, Location, tuple[Location, ...]]


def _supervised(project: Project) -> Iterator[Log]:
    """Yield what programs write where; a copy of what a container starts is told of with that."""
    processes = [p for p in project.deploy.processes if p.kind is not Kind.SUPERVISOR]
    started = {place.path for p in processes for c in p.commands for place in c.via}
    found: list[tuple[tuple[str, str], list[Location]]] = []
    kept: dict[tuple[str, str], list[Location]] = {}
    for supervisor in sorted(project.deploy.supervisors, key=lambda s: s.file.path not in started):
        path = supervisor.file.path
        if _is_left_behind(project, path):
            continue
        for program in supervisor.programs:
            files = [e for e in program.outputs if not _is_shown(project, e.value)]
            places = [Location(path, entry.line) for entry in files]
            same = (program.name, files[0].value if files else "")
            if path not in started and same in kept:
                kept[same] += places
            elif files:
                found.append((same, places))
                if path in started:
                    kept.setdefault(same, places)
    for (name, value), (first, *more) in found:
        yield f"The output of {name!r}", value, first, tuple(more)


def _untold(project: Project) -> Iterator[Log]:
    """Yield, once for each supervisord of a container, what is not told where to write."""
    held = [p for p in project.deploy.processes if p.kind is not Kind.SUPERVISOR]
    for supervisor in project.deploy.supervisors:
        silent = {p.location: p.name for p in supervisor.programs if not p.outputs}
        path = supervisor.file.path
        if not silent or HANDED_ON.search(supervisor.file.text) or _is_left_behind(project, path):
            continue
        staying = (c for process in held for c in process.commands if _stays(c) and not c.output)
        places = [place for c in staying for place in (c.location, *c.via) if place in silent]
        if places:
            first, *more = dict.fromkeys(places)
            yield f"The output of {silent[first]!r}", AUTO, first, tuple(more)


def _is_left_behind(project: Project, path: str) -> bool:
    """Whether nothing here starts it or has what it starts, and systemd serves instead."""
    processes = project.deploy.processes
    alone = [p for p in processes if p.kind is Kind.SUPERVISOR and p.location.path == path]
    unknown = bool(alone) and not any(process.stays for process in alone)
    return unknown and any(p.kind is Kind.SYSTEMD and p.serves for p in processes)


def _servers(project: Project) -> Iterator[Log]:
    for _, server in project.deploy.uwsgi:
        for option in server.all(*UWSGI):
            kind, _, path = option.value.rpartition(":")
            if kind in {"", "file"} and "/" in path:
                yield f"uWSGI's log ({option.name})", path, option.location, ()
    for _, gunicorn in project.deploy.gunicorn:
        for name in GUNICORN:
            if setting := gunicorn.settings.get(name):
                yield f"gunicorn's {name}", setting.value, setting.location, ()


def _commands(project: Project) -> Iterator[Log]:
    for process in project.deploy.processes:
        # Both of its streams, mostly in one file.
        outputs = [each for each in process.outputs if not _is_shown(project, _plain(each[0]))]
        if outputs:
            path, location = outputs[0]
            more = tuple(dict.fromkeys(place for _, place in outputs[1:] if place != location))
            yield f"The output of {process.name!r}", path, location, more
    for command in project.deploy.commands:
        log = command.option("-f", "--logfile") if command.program == "celery" else None
        if log:
            yield "Celery's log", log, command.location, ()
        elif _stays(command) and command.output:
            yield f"The output of {command.program}", command.output, command.location, ()


def _nginx(project: Project) -> Iterator[Log]:
    """Yield the logs of an nginx that runs in the application's container."""
    for process, directives in configurations(project.deploy):
        if process.kind is Kind.PROCFILE:
            # The buildpack that brings nginx passes its logs on to the output.
            continue
        logs = [
            directive
            for directive in directives
            if directive.name in NGINX and directive.arguments[:1] not in {(), ("off",)}
            if not _is_shown(project, directive.arguments[0])
            if not is_linked(project.deploy, directive.arguments[0])
            if not is_replaced(directives, directive)
        ]
        for path in dict.fromkeys(log.location.path for log in logs):
            first, *more = [log for log in logs if log.location.path == path]
            what = f"The {first.name} of nginx in the container of {process.name!r}"
            related = tuple(log.location for log in more)
            yield what, first.arguments[0], first.location, related


def _is_shown(project: Project, path: str) -> bool:
    """Whether what is written to a path comes to the container's output."""
    return project.deploy.is_console(path) or is_tailed(project.deploy, path)


def _stays(command: Command) -> bool:
    return command.serves or command.works or command.schedules


RULE = Rule("scaleready.W098", "log-file-deployed", find, Area.DEPLOY, leak=Leak.LOGS)
