"""Compose files that are laid over the plain one: ``-f compose.yml -f compose.prod.yml``."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.process import Described

PLAIN = re.compile(r"(docker-)?compose\.ya?ml")


def overlays(described: Sequence[Described]) -> set[str]:
    """Return the compose files with a service that has no image: alone they start nothing."""
    return {
        one.process.location.path
        for one in described
        if one.process.kind is Kind.COMPOSE and not one.process.image and not one.dockerfile
    }


def merged(described: Sequence[Described]) -> Iterator[Described]:
    """Yield the services, those of a plain file with what an overlay beside it says of them."""
    above = overlays(described)
    plain = {_key(one) for one in described if PLAIN.fullmatch(_name(one))}
    laid = {_key(one): one for one in described if one.process.location.path in above}
    for one in described:
        if PLAIN.fullmatch(_name(one)):
            over = laid.get(_key(one))
            yield _over(one, over) if over is not None and over is not one else one
        elif one.process.location.path not in above or _key(one) not in plain:
            yield one


def _name(one: Described) -> str:
    return posixpath.basename(one.process.location.path)


def _key(one: Described) -> tuple[str, str]:
    return posixpath.dirname(one.process.location.path), one.process.name


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
    )
    return replace(
        base,
        process=process,
        dockerfile=over.dockerfile or base.dockerfile,
        target=over.target or base.target,
        entrypoint=base.entrypoint if over.entrypoint is None else over.entrypoint,
        command=base.command if over.command is None else over.command,
    )
