"""The folders that a network brings into all that serves: a file in one is there for all."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment import host_mounts
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.deployment.formats import terraform
from django_scaleready.checks.disk.volumes import in_container
from django_scaleready.checks.terraformed import modules

if TYPE_CHECKING:
    from django_scaleready.checks.code.codebase import Codebase
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.deployment.view import Deployment
    from django_scaleready.checks.project import Project

# What says which volumes a container has.
_SAYING = frozenset({Kind.COMPOSE, Kind.KUBERNETES, Kind.PLATFORM})


def is_mounted(project: Project, folder: str) -> bool:
    """Whether each container that serves has a folder from a network, or each machine without any.

    Where there are pods, a compose file is one machine's.
    """
    if not folder:
        return False
    path = PurePosixPath(folder)
    if any(path.is_relative_to(target) for target in project.code.once(_terraformed, project)):
        return True
    serving = [p for p in project.deploy.processes if p.own and p.serves and p.kind in _SAYING]
    pods = [process for process in serving if process.kind is Kind.KUBERNETES]
    asked = pods or serving
    if not asked:
        return any(map(path.is_relative_to, project.code.once(_of_machines, project.deploy)))
    return all(_has(project, process, folder) for process in asked)


def is_for_all(project: Project, path: str) -> bool:
    """Whether every replica sees the same file at a path, by declaration or from a network."""
    return path.startswith("/") and (project.is_shared(path) or is_mounted(project, path))


def _has(project: Project, process: Process, folder: str) -> bool:
    shared = [volume.target for volume in process.volumes if volume.shared]
    return any(
        PurePosixPath(inside).is_relative_to(target)
        for inside in ((folder, *in_container(project, folder, process)) if shared else ())
        for target in shared
    )


def _of_machines(_code: Codebase, deploy: Deployment) -> set[str]:
    return host_mounts.folders(deploy.files)


def _terraformed(_code: Codebase, project: Project) -> list[str]:
    return [
        target
        for module in modules(project)
        if any(map(terraform.is_own, module.values()))
        for target in terraform.network_mounts(module.values())
    ]
