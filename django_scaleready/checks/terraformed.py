"""The modules of Terraform's that a project holds."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.code.loading import files
from django_scaleready.checks.deployment.formats import terraform
from django_scaleready.checks.deployment.process import Given

if TYPE_CHECKING:
    from django_scaleready.checks.project import Project

# What ECS waits after SIGTERM where a container says nothing.
_ECS = 30


def modules(project: Project) -> list[dict[str, str]]:
    """Return the files of each folder that is a module, by their names, with what they say."""
    folders: dict[str, dict[str, str]] = {}
    for name in project.code.listed:
        if name.endswith(".tf"):
            text = files.content(project.root, name).decode("utf-8", "replace")
            folders.setdefault(posixpath.dirname(name), {})[name] = text
    return list(folders.values())


def grace_of_ecs(project: Project) -> Given | None:
    """Return how long ECS waits for a container to stop, where a service leaves that to it."""
    found = modules(project)
    own = any(terraform.is_own(text) for module in found for text in module.values())
    for module in found if own else ():
        if terraform.leaves_stop(module.values()):
            lines = {name: terraform.task_line(text) for name, text in module.items()}
            name = next(name for name, line in lines.items() if line)
            return Given(_ECS, "stopTimeout", Location(name, lines[name]), said=False)
    return None
