"""The management commands that tables of the settings have a clock start, and nothing ends.

django-crontab's ``CRONJOBS``, and what a project hands on to Django Q or another scheduler:

``("0 4 * * *", "django.core.management.call_command", ["fetch"])``,
``{"func": "django.core.management.call_command", "cron": "0 4 * * *", "args": ("fetch",)}``
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from django_scaleready.checks.code.running.called_commands import CALLS

if TYPE_CHECKING:
    from django_scaleready.checks.source import Source

# Nothing reads its table unless it is installed.
CRONTAB, CRONTAB_APP = "CRONJOBS", "django_crontab"
CLUSTER = "Q_CLUSTER"
# After this many seconds at most Django Q's worker is soon back, as Celery's is.
SOON = 300
DEPTH = 3
_NAME = re.compile(r"[(\s]*['\"]?(\w+)")


def started_by_settings(project: Source) -> frozenset[str]:
    """Return the names of those commands."""
    given = project.settings_named("")
    cluster = given.get(CLUSTER)
    limit = cluster.get("timeout") if isinstance(cluster, Mapping) else None
    soon = isinstance(limit, int | float) and limit < SOON
    return frozenset(
        name
        for setting, value in given.items()
        if setting != CRONTAB or project.installed(CRONTAB_APP)
        for name in _named(value, 0)
        if setting == CRONTAB or not soon
    )


def _named(value: object, depth: int) -> Iterator[str]:
    """Yield the commands in a table, or in one of its entries."""
    if isinstance(value, Mapping):
        given = [value.get("args")] if any(_is_it(each) for each in value.values()) else []
        inner = [*value.values()]
    elif isinstance(value, list | tuple):
        inner = [*value]
        place = next((i for i, each in enumerate(inner) if _is_it(each)), len(inner))
        given = inner[place + 1 : place + 2]
    else:
        return
    yield from (name for each in given if (name := _first(each)))
    if depth < DEPTH:
        for each in inner:
            yield from _named(each, depth + 1)


def _is_it(value: object) -> bool:
    return isinstance(value, str) and value == CALLS


def _first(arguments: object) -> str:
    """Return the first of some arguments, which Django Q takes as a text, too: "('fetch',)"."""
    if isinstance(arguments, list | tuple):
        arguments = arguments[0] if arguments else None
    found = _NAME.match(arguments) if isinstance(arguments, str) else None
    return found[1] if found else ""
