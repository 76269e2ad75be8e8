"""What really holds of the ladder: command lines and settings have the last word.

``conf.ladder`` is what a team declares. This is the same with what a project says elsewhere, be it
in spite of that.
"""

from __future__ import annotations

import math
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.conf import conf
from django_scaleready.declarations import from_environment
from django_scaleready.figures import BY_NAME, Declaration

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

_GUNICORN = {
    "--graceful-timeout": "graceful_timeout",
    "--keep-alive": "keepalive",
    "--timeout": "worker_timeout",
    "-t": "worker_timeout",
}
_WORKER = {"--time-limit": "task_hard_limit", "--soft-time-limit": "task_soft_limit"}
_CELERY = {
    "task_hard_limit": "CELERY_TASK_TIME_LIMIT",
    "task_soft_limit": "CELERY_TASK_SOFT_TIME_LIMIT",
    "worker_shutdown": "CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT",
}
_REDIS = ("redis:", "rediss:", "sentinel:")
# transport/redis.py, Channel.visibility_timeout.
_KOMBU_VISIBILITY = 3600
# PostgreSQL's units of time; without one it is milliseconds.
_STATEMENT = re.compile(r"statement_timeout\s*=\s*'?(\d+)\s*(ms|s|min|h)?")
_UNITS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Held(Declaration):
    """A declaration, and the place in the project that it stands at."""

    location: Location


def declarations(project: Project) -> list[Held]:
    """Return what is said of the ladder, the strongest first.

    Raises ImproperlyConfigured, naming the option or variable, for a bad value.
    """
    found = [*_commands(project), *_settings(project)]
    held = [one for one in found if BY_NAME[one.figure].takes(one.value)]
    for one in conf.ladder_declarations:
        option = BY_NAME[one.figure].option
        place = project.where("SCALEREADY", option)
        held.append(Held(one.figure, one.value, one.source, place))
    return held


def _commands(project: Project) -> Iterator[Held]:
    servers = project.deploy.gunicorn
    # Of several deployments, one: what differs between them overrules nothing.
    process, server = next(((p, s) for p, s in servers if s.settings or s.kit), (None, None))
    if server is not None:
        yield from _options(server.command, _GUNICORN)
    workers = (command for command in project.deploy.commands if command.runs_celery("worker"))
    yield from (held for command in workers for held in _options(command, _WORKER))
    with suppress(ValueError):  # gunicorn itself refuses to start on it
        words = shlex.split(os.environ.get("GUNICORN_CMD_ARGS", ""))
        place = project.where("SCALEREADY")
        command = Command("GUNICORN_CMD_ARGS", ("gunicorn", *words), place)
        yield from _options(command, _GUNICORN)
    if server is not None and server.kit and process is not None and process.grace is not None:
        given = process.grace
        if given.said:
            source = f"{given.option} of {process.name}"
            yield Held("grace_period", math.floor(given.value), source, given.location)


def _options(command: Command, names: dict[str, str]) -> Iterator[Held]:
    for option, figure in names.items():
        value = command.option(option) or ""
        if value.isdecimal():
            yield Held(figure, int(value), f"{option} of {command.name}", command.location)


def _settings(project: Project) -> Iterator[Held]:
    for figure, name in _CELERY.items():
        if project.is_set(name):
            yield Held(figure, project.setting(name), f"the setting {name}", project.where(name))
    yield from _visibility(project)
    for database in project.databases:
        if database.alias == "default" and database.vendor == "postgresql":
            yield from _database(project, database.options)


def _visibility(project: Project) -> Iterator[Held]:
    # It bounds a task only where the task is acknowledged at its end, to a Redis.
    redis = str(project.setting("CELERY_BROKER_URL", "")).startswith(_REDIS)
    if not (redis and project.setting("CELERY_TASK_ACKS_LATE")):
        return
    name = "CELERY_BROKER_TRANSPORT_OPTIONS"
    visible = (project.setting(name) or {}).get("visibility_timeout")
    place = project.where(name, "visibility_timeout")
    if visible is None:
        yield Held("visibility_timeout", _KOMBU_VISIBILITY, "kombu's default", place)
    else:
        source = f"the setting {name}['visibility_timeout']"
        yield Held("visibility_timeout", visible, source, place)


def _database(project: Project, options: dict[str, Any]) -> Iterator[Held]:
    place = project.where("DATABASES", "default", "OPTIONS")
    source = "the setting DATABASES['default']['OPTIONS']"
    if str(connect := options.get("connect_timeout", "")).isdecimal():
        yield Held("connect_timeout", int(connect), f"{source}['connect_timeout']", place)
    if written := _STATEMENT.search(str(options.get("options", ""))):
        seconds = int(written[1]) * _UNITS[written[2] or "ms"]
        yield Held("statement_timeout", seconds, f"{source}['options']", place)
    elif project.setting("DATABASE_POOLER") == "none":
        # The kit's own fragment, which sets it where requests are served, and not in a command.
        seconds = from_environment().statement_timeout
        yield Held("statement_timeout", seconds, "the environment, at start", place)
