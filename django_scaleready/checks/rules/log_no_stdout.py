"""An error in production is written nowhere that a platform collects.

With DEBUG off, Django's default logging prints nothing for a 500: its console handler wants DEBUG,
and mail to ADMINS takes the rest. On one server somebody may notice; with several replicas behind a
load balancer an error is a number in a graph, without a traceback.

## Bad

```python title="settings.py"
DEBUG = False
LOGGING = {
    "version": 1,
    "handlers": {"mail": {"class": "django.utils.log.AdminEmailHandler"}},
    "loggers": {"django": {"handlers": ["mail"], "level": "ERROR", "propagate": False}},
}
```

## Good

```python title="settings.py"
DEBUG = False
LOGGING = {
    "version": 1,
    "handlers": {"stdout": {"class": "logging.StreamHandler", "stream": "ext://sys.stdout"}},
    "loggers": {"django": {"handlers": ["stdout"], "level": "INFO", "propagate": False}},
}
```

## Stays silent when

- DEBUG is on in the process that runs the check;
- a stream handler gets the errors of `django.request`, or a file whose lines a start script prints:
  `tail -F logs/*.log &`;
- a file on the replica's disk gets them: that is `log-file`, and logging to stdout mends both;
- LOGGING is not set, and a package that is not here to be read can set any name: it is handed
  `globals()`, or all of its names are imported (`scan` only);
- LOGGING is not set, and code configures logging, or gives another object of settings its LOGGING,
  as a hook of what loads them does: `settings.LOGGING = ...` (`scan` only);
- gunicorn's `logconfig_dict` gives the root logger a handler that prints, and LOGGING, which comes
  after it, has no `root` and leaves `django.request` to propagate to it;
- a middleware of the project's, or that of django-structlog, logs exceptions itself, to a logger
  that a stream handler reads, or prints them (`traceback.print_exc()`).

It is information only when a handler of another kind (syslog, OpenTelemetry, a database) gets them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Finding, Leak, Rule, Severity
from django_scaleready.checks.deployment.shell.console import is_tailed
from django_scaleready.checks.disk.log_writers import NOTED
from django_scaleready.checks.known.classes import is_a
from django_scaleready.checks.live import prints, takes_errors
from django_scaleready.checks.rules.log_file import is_kept_here

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

MAIL = "django.utils.log.AdminEmailHandler"
# What they take is mailed, dropped or held in memory.
SILENT = (
    "logging.NullHandler",
    "logging.handlers.BufferingHandler",
    # That of Python as Django had it, before 1.9.
    "django.utils.log.NullHandler",
    MAIL,
)

# The middleware of packages that log what a view raises, with the logger that they use.
LOGGING = dict.fromkeys(
    [
        "django_structlog.middlewares.RequestMiddleware",
        "django_structlog.middlewares.request.RequestMiddleware",
    ],
    "django_structlog.middlewares.request",
)
LOGS = frozenset({"critical", "error", "exception"})
# They write the traceback to stderr, as a function's own name or after a dot.
PRINTS = frozenset({"print_exc", ".print_exc", "print_exception", ".print_exception"})


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if no live handler brings django.request's errors to stdout or stderr."""
    handlers = project.handlers_of("django.request")
    # Without any handler at all, logging itself prints warnings and worse to stderr.
    if project.setting("DEBUG") or not handlers:
        return
    taking = [handler for handler in handlers if takes_errors(handler)]
    if any(map(prints, taking)) or _middleware_logs(project) or _server_prints(project):
        return
    files = [handler for handler in taking if is_a(handler, "logging.FileHandler")]
    if any(is_kept_here(project, h) or is_tailed(project.deploy, h.baseFilename) for h in files):
        return
    others = [h for h in taking if h not in files and not is_a(h, *SILENT)]
    mailed = [h for h in taking if is_a(h, MAIL)] if _has_admins(project) else []
    names = dict.fromkeys(str(h.get_name()) for h in (*files, *others, *mailed))
    left = f"reaches only {' and '.join(names)}" if names else "leaves no trace"
    yield Finding(
        message=f"No handler brings the errors of django.request to stdout: a 500 {left}.",
        hint=(
            "Give the root logger a StreamHandler, and 'django' too if it does not propagate;"
            " the kit's LOGGING mends both."
        ),
        location=project.where("LOGGING"),
        severity=Severity.INFO if others else Severity.WARNING,
    )


def _has_admins(project: Project) -> bool:
    return bool(project.setting("ADMINS")) or not project.is_known("ADMINS")


def _server_prints(project: Project) -> bool:
    """Whether each server has given the root logger a handler, and LOGGING leaves it what it has.

    With ``disable_existing_loggers``, which is the default, it may leave it without a record.
    """
    servers = project.deploy.gunicorn
    if not servers or not all(server.prints for _, server in servers):
        return False
    config = project.setting("LOGGING")
    if not config:
        return True
    loggers = config.get("loggers") or {}
    own = [loggers.get(name) or {} for name in ("django", "django.request")]
    return (
        config.get("disable_existing_loggers", True) is False
        and config.keys().isdisjoint({"root"})
        and loggers.keys().isdisjoint({"", "root"})
        and all(logger.get("propagate", True) is True for logger in own)
    )


def _middleware_logs(project: Project) -> bool:
    """Whether a middleware prints exceptions, or logs them where its logger prints."""
    listed = [str(dotted) for dotted in project.setting("MIDDLEWARE") or ()]
    return any(_prints_errors(project, dotted) for dotted in listed) or any(
        prints(handler) and takes_errors(handler)
        for dotted in listed
        for logger in _loggers_of(project, dotted)
        for handler in project.handlers_of(logger)
    )


def _prints_errors(project: Project, dotted: str) -> bool:
    source, name = project.code.locate(dotted) or (None, "")
    said = source.said.get(f"{name}.process_exception", "") if source else ""
    return not PRINTS.isdisjoint(said.split())


def _loggers_of(project: Project, dotted: str) -> Iterator[str]:
    """Yield the loggers to which a middleware may log exceptions, none if it does not."""
    source, name = project.code.locate(dotted) or (None, "")
    if source and f"{name}.process_exception" in source.functions and LOGS & source.mentions:
        own = [fact.data[0] for fact in source.facts.get(NOTED, ())]
        yield from (logger for logger in own or [source.module] if logger is not None)
    elif dotted in LOGGING:
        yield LOGGING[dotted]


RULE = Rule("scaleready.W010", "log-no-stdout", find, leak=Leak.LOGS)
