"""Logs go to a file on the replica's own disk.

An audit trail in a file is spread over as many disks as there are replicas, and is gone when one of
them is scaled in or redeployed. A rotating file also rotates once per process: two workers rename
the same file under each other, and lines are lost even on one machine.

## Bad

```python title="settings.py"
LOGGING = {
    "version": 1,
    "handlers": {
        "audit": {
            "class": "logging.handlers.RotatingFileHandler",
            "filename": "audit.log",
            "delay": True,
        }
    },
    "loggers": {"shop.audit": {"handlers": ["audit"]}},
}
```

## Good

```python title="settings.py"
LOGGING = {
    "version": 1,
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
    "loggers": {"shop.audit": {"handlers": ["stdout"]}},
}
```

## Stays silent when

- the file is `/dev/stdout`, `/dev/fd/1`, `/proc/1/fd/1` or `/dev/null`;
- no logger uses the handler;
- a filter of the handler takes lines only while DEBUG is on, and it is not;
- the file lies below one of `SCALEREADY["SHARED_PATHS"]`.

It is a warning only where every logger that uses the handler prints to stdout as well, or a start
script prints what is written to the file: `tail -F logs/*.log &`. A `RotatingFileHandler`'s fills
no disk, but each process of a replica rolls the file over under the others. A logger which the code
asks for by name only in files that nothing imports, in scripts that a person runs and no deploy
file starts, or in files that write nothing to it, does not count; where there is no other one, it
is information. Nor does one of Django's own whose level, or the handler's, is above what Django
says there: CRITICAL, and INFO for `django.db.backends`, which tells of queries at DEBUG, and only
while the setting `DEBUG` is on. Where the errors of `django.request` reach no stdout because they
go to the file, the logger is named with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.deployment.shell.console import is_tailed
from django_scaleready.checks.disk.log_levels import is_held_back
from django_scaleready.checks.disk.log_writers import NOTED, collect, is_forgotten
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.live import is_for_debug, is_stdout_path, prints, takes_errors

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# What a replica's disk has room for beside everything else.
LARGEST = 1 << 30


def find(project: Project) -> Iterator[Finding]:
    """Yield each live handler that writes to a file, whatever its class is called."""
    for handler in project.handlers:
        if not is_kept_here(project, handler) or _is_mute(project, handler):
            continue
        path = handler.baseFilename
        name = handler.get_name()
        doubled = name is not None and _is_doubled(project, name, handler)
        doubled = doubled or is_tailed(project.deploy, path)
        bounded = doubled and _is_bounded(handler)
        lost = (
            "its lines are spread over the replicas' disks, and lost with them."
            if not doubled
            else "it keeps the last of what stdout gets, too, and all processes roll it over."
            if bounded
            else "it fills each replica's disk with what stdout gets, too."
        )
        severity = Severity.WARNING if doubled else Severity.ERROR
        quiet = name and _gets_nothing(project, name, handler)
        yield Finding(
            message=(
                f"The logging handler {name or type(handler).__name__!r} writes to"
                f" {path or 'a file'}: {lost}"
            ),
            hint=(
                "Log to stdout, and let the platform collect it; keep an audit trail in the"
                " database."
            ),
            location=project.where("LOGGING", "handlers", name),
            severity=Severity.INFO if quiet else severity,
            related=tuple(_takers_of_errors(project, name)),
        )


def is_kept_here(project: Project, handler: Any) -> bool:
    """Whether a handler writes to a file on the replica's own disk."""
    if not is_a(handler, "logging.FileHandler"):
        return False
    return not is_stdout_path(handler.baseFilename) and not project.is_shared(handler.baseFilename)


def _is_bounded(handler: Any) -> bool:
    """Whether a handler drops its oldest lines; without ``backupCount`` it never rolls over."""
    if not is_a(handler, "logging.handlers.RotatingFileHandler"):
        return False
    return bool(0 < handler.maxBytes * handler.backupCount <= LARGEST)


def _is_mute(project: Project, handler: Any) -> bool:
    """Whether a handler takes lines only while DEBUG is on, which no deployment has it."""
    return is_for_debug(handler) and not project.setting("DEBUG")


def _takers_of_errors(project: Project, name: str | None) -> Iterator[Location]:
    """Yield the loggers that hand the errors of requests to a handler, if nobody prints them."""
    taking = [each for each in project.handlers_of("django.request") if takes_errors(each)]
    if any(map(prints, taking)) or name not in [each.get_name() for each in taking]:
        return
    for logger in _using(project, name) if name else ():
        if logger in {"", "django", "django.request"}:
            yield project.where("LOGGING", *(("loggers", logger) if logger else ("root",)))


def _using(project: Project, name: str) -> list[str]:
    """Return the loggers that LOGGING gives a handler."""
    config = project.setting("LOGGING")
    if not isinstance(config, dict):
        return []
    loggers = {"": config.get("root"), **(config.get("loggers") or {})}
    return [
        logger
        for logger, settings in loggers.items()
        if isinstance(settings, dict) and name in (settings.get("handlers") or ())
    ]


def _gets_nothing(project: Project, name: str, handler: Any) -> bool:
    """Whether nothing that is written comes to a handler by the loggers that use it."""
    using = _using(project, name)
    return bool(using) and all(_is_silent(project, logger, handler) for logger in using)


def _is_silent(project: Project, logger: str, handler: Any) -> bool:
    started = project.programs | project.scheduled
    return is_forgotten(project.code, logger, started) or is_held_back(project, logger, handler)


def _is_doubled(project: Project, name: str, handler: Any) -> bool:
    """Whether every logger that writes by a handler prints to stdout or stderr as well."""
    using = [each for each in _using(project, name) if not _is_silent(project, each, handler)]
    return bool(using) and all(any(map(_prints, project.handlers_of(each))) for each in using)


def _prints(handler: Any) -> bool:
    return prints(handler) and not is_for_debug(handler)


RULE = Rule("scaleready.E009", NOTED, find, collect=collect, leak=Leak.LOGS)
