"""Which processes are deployed, and which are those of whoever works on the code."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import PurePosixPath

from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.process import (
    Process,
    is_development,
    is_over_tree,
    is_tried_out,
    is_worked_on,
)


def deployed(processes: Iterable[Process], project: Callable[[Process], str]) -> list[Process]:
    """Return those that are not for development.

    Beside a server of the project's own, its development server is for developers; so is, beside
    another deployment, a compose file that mounts the code. ``project`` says whose a process is
    where a repository holds several, "" if that is not known.
    """
    processes = _without_workers_of_developers(list(processes))
    kept = _without_mounted([process for process in processes if not is_development(process)])
    served = {
        project(process)
        for process in kept
        if any(not command.management for command in process.servers)
    }

    def is_served(process: Process) -> bool:
        own = project(process)
        return bool(served) and (not own or own in served or "" in served)

    return [
        process
        for process in kept
        if not (is_tried_out(process) and is_served(process)) or _is_of_a_cluster(process, kept)
    ]


def _is_of_a_cluster(process: Process, kept: Iterable[Process]) -> bool:
    """Whether manifests have it beside a real server, and none as that: a cluster gets all of them.

    ``k8s/web.yaml`` beside ``k8s/sockets.yaml``, or ``k8s/web/deployment.yaml``.
    """
    real = [
        each
        for each in kept
        if each.kind is Kind.KUBERNETES and each.own and any(not c.management for c in each.servers)
    ]
    if process.kind is not Kind.KUBERNETES or _object(process) in map(_object, real):
        return False
    return any(_lies_beside(process.location.path, each.location.path) for each in real)


def _object(process: Process) -> str:
    return process.name.partition("/")[0]


def _lies_beside(path: str, other: str) -> bool:
    one, another = PurePosixPath(path), PurePosixPath(other)
    apart = one.parent != another.parent and one.name == another.name
    return one.parent == another.parent or (apart and one.parents[1:2] == another.parents[1:2])


def _without_workers_of_developers(processes: list[Process]) -> list[Process]:
    """Leave out what runs mounted code, if all that serves in its compose file is to develop."""
    serving: dict[str, list[bool]] = {}
    for each in processes:
        if each.kind is Kind.COMPOSE and each.serves:
            tried = is_tried_out(each) and not each.in_use
            tried = tried or is_worked_on(each, each.words)
            serving.setdefault(each.location.path, []).append(tried and is_over_tree(each))
    developed = {path for path, found in serving.items() if all(found)}
    return [
        each
        for each in processes
        if each.serves or not (is_over_tree(each) and each.location.path in developed)
    ]


def _without_mounted(processes: list[Process]) -> list[Process]:
    """Leave out what runs the code that lies beside its file, where something else is deployed."""
    images = (Kind.KUBERNETES, Kind.PROCFILE, Kind.COMPOSE)
    deployed = any(
        each.kind in images and each.own and not is_over_tree(each) and each.serves
        for each in processes
        if not is_tried_out(each)
    )
    return [p for p in processes if not (deployed and is_over_tree(p) and not p.for_production)]
