"""Settings that nobody deploys, in a repository that has no others: those of an app in a package.

What they set shows nothing of the deployments that there are elsewhere, so it is information.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Found, Result, Severity, Unknown
from django_scaleready.checks.deployment.view import Deployment

if TYPE_CHECKING:
    from django_scaleready.checks.static.project import StaticProject

# A site may be called devices or demo; none is called tests.
_TESTS = re.compile(r"(^|/)(unit_?)?tests?([_-]?(settings|project|app|site))?(/|\.py$)")
_REASON = "is for development, and there are no other settings: what it sets is information"


def is_served(deploy: Deployment) -> bool:
    """Whether something here starts the project with a server that is not Django's own."""
    own = (process for process in deploy.processes if process.own)
    return any(not command.management for process in own for command in process.servers)


def is_for_developers(project: StaticProject) -> bool:
    """Whether settings whose name says so are for development alone.

    Those of a site have DEBUG off, or leave it to what each machine has; or they are deployed here.
    """
    tests = _TESTS.search("/".join(project.settings_module.split("/")[-2:]))
    return bool(tests or project.setting("DEBUG")) and not is_served(project.deploy)


def as_information(result: Result, project: StaticProject) -> Result:
    """Lower what is found in the settings of developers, and say so."""
    module = PurePosixPath(project.settings_module)

    def lowered(found: Found) -> Found:
        path = PurePosixPath(found.finding.location.path)
        # In the root lies everything.
        beside = path == module or (module.parent.name and module.parent in path.parents)
        if found.rule.area is not Area.SETTINGS or not beside:
            return found
        return replace(found, finding=replace(found.finding, severity=Severity.INFO))

    result.found = [lowered(found) for found in result.found]
    result.unknown.append(Unknown(project.settings_module, _REASON))
    return result
