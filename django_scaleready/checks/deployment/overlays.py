"""Compose files that are laid over the plain one: ``-f compose.yml -f compose.prod.yml``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django_scaleready.checks.deployment.files import Kind, is_for_development
from django_scaleready.checks.deployment.process import Described

PLAIN = re.compile(r"(docker-)?compose\.ya?ml")
# What says of a compose file that it is for what is deployed.
PRODUCTION = re.compile(r"prod|deploy|release|swarm|stag|server", re.IGNORECASE)
_DEBUG = ("DEBUG", "DJANGO_DEBUG")
_OFF = frozenset({"0", "false", "no", "off"})


def overlays(described: Sequence[Described]) -> set[str]:
    """Return the compose files that alone start nothing, or not what is meant.

    A service of theirs has no image; or all of them have nothing else, and the plain file beside
    says the rest.
    """
    services = [one for one in described if one.process.kind is Kind.COMPOSE]
    plain = {_key(one) for one in services if PLAIN.fullmatch(_name(one))}
    alone = {_path(one) for one in services if not (_is_bare(one) and _key(one) in plain)}
    without = {_path(one) for one in services if not one.process.image and not one.dockerfile}
    return without | ({_path(one) for one in services} - alone)


def in_use(described: Sequence[Described], composed: Sequence[str]) -> set[str]:
    """Return the compose files that turn debugging off, and have a developers' one beside them."""
    developers = {posixpath.dirname(path) for path in composed if is_for_development(path)}
    off = {_path(one) for one in described if _turns_off(one)}
    return {path for path in off if posixpath.dirname(path) in developers}


def _turns_off(one: Described) -> bool:
    given = one.process.environment
    return any((given.get(name) or "").lower() in _OFF for name in _DEBUG)


def _is_bare(one: Described) -> bool:
    """Whether another file than a plain one says only of which image a service is."""
    process = one.process
    said = one.command is not None or one.entrypoint is not None or one.dockerfile
    more = said or process.environment or process.volumes
    return not more and not PLAIN.fullmatch(_name(one))


def merged(described: Sequence[Described]) -> Iterator[Described]:
    """Yield the services, those of a plain file with what an overlay beside it says of them."""
    above = overlays(described)
    plain = {_key(one) for one in described if PLAIN.fullmatch(_name(one))}
    laid = {_key(one): one for one in described if _path(one) in above}
    for one in described:
        if PLAIN.fullmatch(_name(one)):
            over = laid.get(_key(one))
            yield _over(one, over) if over is not None and over is not one else one
        elif _path(one) not in above or _key(one) not in plain:
            yield one


def _path(one: Described) -> str:
    return one.process.location.path


def _name(one: Described) -> str:
    return posixpath.basename(_path(one))


def _key(one: Described) -> tuple[str, str]:
    return posixpath.dirname(_path(one)), one.process.name


def _over(base: Described, over: Described) -> Described:
    below, above = base.process, over.process
    starts = over.command is not None or over.entrypoint is not None
    process = replace(
        below,
        environment={**below.environment, **above.environment},
        volumes=(*below.volumes, *above.volumes),
        probes=above.probes or below.probes,
        grace=above.grace if above.grace and above.grace.said else below.grace,
        replicas=above.replicas or below.replicas,
        image=above.image or below.image,
        waited_for=above.waited_for or below.waited_for,
        started_at=above.started_at if starts else below.started_at,
        # What made the plain one a developer's may be what the overlay takes back.
        for_development=below.for_development and "DEBUG" not in above.environment,
        for_production=bool(PRODUCTION.search(_name(over))),
    )
    return replace(
        base,
        process=process,
        dockerfile=over.dockerfile or base.dockerfile,
        target=over.target or base.target,
        entrypoint=base.entrypoint if over.entrypoint is None else over.entrypoint,
        command=base.command if over.command is None else over.command,
    )
