"""The leaks planted in before/ beside what ``check --deploy-scale`` says of a project."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

from django_scaleready.drill.project import Project

Leak = dict[str, Any]
Finding = dict[str, Any]


def planted(directory: Path) -> list[Leak]:
    """What before/LEAKS.toml lists."""
    leaks: list[Leak] = tomllib.loads((directory / "LEAKS.toml").read_text())["leak"]
    return leaks


def findings(project: Project) -> list[Finding]:
    """What the check lists, of any severity."""
    # 1: it found errors.
    done = project.manage("check", "--deploy-scale", "--format", "json", accept=(0, 1))
    found: list[Finding] = json.loads(done.stdout)["findings"]
    return found


def missed(project: Project) -> list[Leak]:
    """The planted leaks that no finding of their rule points at."""
    found = findings(project)
    return [
        leak
        for leak in planted(project.directory)
        if not any(_finds(project.directory, finding, leak) for finding in found)
    ]


def _finds(directory: Path, finding: Finding, leak: Leak) -> bool:
    if (finding["slug"], finding["path"]) != (leak["rule"], leak["path"]):
        return False
    lines = (directory / leak["path"]).read_text().splitlines()
    return leak["text"] in lines[finding["line"] - 1]
