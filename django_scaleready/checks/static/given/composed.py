"""The servers that the compose files of a deployment tell its containers of.

Where a database is, such a file says of one machine; that there is one holds for all of them. The
default that settings have without is nobody's, where all that serves is told of a database, and
where no pods are deployed that lack it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.formats import env_files
from django_scaleready.checks.deployment.process import Process
from django_scaleready.checks.static.values.calls import CACHES, ENGINES
from django_scaleready.checks.static.values.undecided import UNDECIDED, Undecided

# What a variable is called that says something of a database.
_DATABASE = re.compile(
    r"(^|_)(DB|DATABASE|MARIADB|MYSQL|POSTGRES(QL)?|SQL)(_|$)|^PG(DATABASE|HOST|PASSWORD|USER)$"
)
# Where files are kept, if it has a name.
_BUCKET = re.compile(r"(^|_)BUCKET(_NAME)?$")
_SCHEME = re.compile(r"([a-z]\w*)(\+\w+)?://")
_SCHEMES = ENGINES.keys() | CACHES.keys() | {"amqp", "amqps"}
# cache, cache:6379, and the same in a URL.
_HOST = re.compile(r"(?:^|@|//)([\w-]+)(?::\d+)?(?:[/?]|$)")
# What switches on what is beside: USE_REDIS=1.
_ON = frozenset({"1", "on", "true", "yes"})
# One value says that there is no server, another that there is.
_NONE: Final = "sqlite"


def servers(processes: Iterable[Process], root: Path) -> Iterator[tuple[str, str | Undecided]]:
    """Yield the variables that say so; what is not written there, or not alike, is undecided.

    A file of variables that is for production says what a line of the service would.
    """
    listed = [process for process in processes if process.kind is Kind.COMPOSE]
    beside = {process.name for process in listed if not process.own}
    own = [process for process in processes if process.own and process.stays]
    serving = [p for p in own if p.kind is Kind.COMPOSE and p.serves]
    pods = [p for p in own if p.kind is Kind.KUBERNETES]
    yield from _told_alike(listed, processes) if not pods else ()
    named = [env_files.of_production(root, process.env_files) for process in serving]
    given = [
        {**env_files.variables(root, paths), **process.environment}
        for paths, process in zip(named, serving, strict=True)
    ]
    for name in sorted(set.intersection(*map(set, given))) if given else ():
        values = {environment[name] for environment in given}
        if not all(_tells(name, value, beside) for value in values):
            continue
        if all(name in pod.withheld or pod.environment.get(name) for pod in pods):
            value = values.pop()
            if not values and value is not None:
                yield name, value
            elif not any(_NONE in str(each) for each in (value, *values)):
                yield name, UNDECIDED


def _told_alike(
    listed: Iterable[Process], processes: Iterable[Process]
) -> Iterator[tuple[str, str]]:
    """Yield what is told to a service, and by that name to pods of images that are not made here.

    Their images may be the project's: they are told by the names that it asks for.
    """
    foreign = [p for p in processes if p.kind is Kind.KUBERNETES and not p.own and not p.once]
    for service in listed if foreign else ():
        for name, value in service.environment.items() if service.own else ():
            known = _DATABASE.search(name) and any(name in pod.environment for pod in foreign)
            if known and value and _NONE not in value:
                yield name, value


def _tells(name: str, value: str | None, beside: set[str]) -> bool:
    """Whether a variable tells of a server; one from the machine does if it is a database's."""
    if value == "":
        return False
    if _DATABASE.search(name):
        return True
    if _BUCKET.search(name):
        return bool(value)
    scheme = _SCHEME.match(value or "")
    host = _HOST.search(value or "")
    if (value or "").lower() in _ON:
        return not beside.isdisjoint(name.lower().split("_"))
    return bool((scheme and scheme[1] in _SCHEMES) or (host and host[1] in beside))
