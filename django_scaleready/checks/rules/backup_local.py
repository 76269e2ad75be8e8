"""Backups are written to the disk of the replica that makes them.

django-dbbackup stores them in the folder of the uploads, unless it is told otherwise. They are gone
with the replica, and the one that is asked to restore them does not have them.

## Bad

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "dbbackup"]
```

```python title="shop/tasks.py"
from django.core.management import call_command


def nightly():
    call_command("dbbackup")
```

## Good

```python title="settings.py"
INSTALLED_APPS = ["django_scaleready", "dbbackup"]
STORAGES = {
    "default": {"BACKEND": "storages.backends.s3.S3Storage"},
    "dbbackup": {"BACKEND": "storages.backends.s3.S3Storage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
```

```python title="shop/tasks.py"
from django.core.management import call_command


def nightly():
    call_command("dbbackup")
```

## Stays silent when

- `STORAGES["dbbackup"]` is an object store, or its folder lies below one of
  `SCALEREADY["SHARED_PATHS"]`;
- the app is not installed.

It is information only where neither code nor a deploy file runs `dbbackup` or `mediabackup`:
whoever does so by hand knows where the file is. A comment runs nothing, nor does the installation
of the package, nor a script that no other deploy file names.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Area, Finding, Leak, Location, Rule, Severity
from django_scaleready.checks.code.summary import Fact
from django_scaleready.checks.code.tree.only_with import only_with
from django_scaleready.checks.deployment.files import Kind
from django_scaleready.checks.known.storage_apps import is_kept_here

if TYPE_CHECKING:
    from django_scaleready.checks.code.tree.reading import Reading
    from django_scaleready.checks.deployment.files import DeployFile
    from django_scaleready.checks.project import Project

SLUG = "backup-local"
COMMANDS = re.compile(r"(?<![\w/.-])(dbbackup|mediabackup)(?![\w/.:=-])")
COMMENT = re.compile(r"(^|\s)#.*")
APP = ALIAS = "dbbackup"
CLASS = "django.core.files.storage.FileSystemStorage"
# Before version 5; that one refuses to start with it.
OLD = "DBBACKUP_STORAGE"


@only_with("call_command")
def collect(reading: Reading) -> Iterator[Fact]:
    """Note where code makes a backup."""
    for site in reading.module.calls_that_run("call_command"):
        name = reading.argument(site.call, 0, "command_name")
        if isinstance(name, ast.Constant) and COMMANDS.fullmatch(str(name.value)):
            yield reading.module.fact(site)


def find(project: Project) -> Iterator[Finding]:
    """Yield one finding if backups stay on one replica."""
    if not project.installed(APP):
        return
    folder = (project.setting(f"{OLD}_OPTIONS") or {}).get("location")
    folder = folder or project.setting("MEDIA_ROOT")
    made = list(_made(project))
    if is_kept_here(project, ALIAS, project.setting(OLD) or CLASS, folder):
        yield Finding(
            message="django-dbbackup keeps backups on the disk of the replica that made them.",
            hint='Name an object store in STORAGES["dbbackup"].',
            location=_place(project),
            severity=Severity.WARNING if made else Severity.INFO,
            related=tuple(made),
        )


def _made(project: Project) -> Iterator[Location]:
    for source, fact in project.code.facts(SLUG):
        yield Location(source.path, fact.line)
    for file in project.deploy.files:
        if not file.for_development and COMMANDS.search(file.text) and _is_run(file, project):
            lines = [COMMENT.sub("", line) for line in file.text.splitlines()]
            runs = [number for number, line in enumerate(lines, 1) if COMMANDS.search(line)]
            yield from (Location(file.path, number) for number in runs)


def _is_run(file: DeployFile, project: Project) -> bool:
    """Whether a file is no script that somebody has to start by hand."""
    if file.kind is not Kind.SCRIPT:
        return True
    name = re.compile(rf"(?<![\w.-]){re.escape(file.name)}(?![\w.-])")
    return any(
        name.search(other.text)
        for other in project.deploy.files
        if other is not file and not other.for_development
    ) or any(command.location.path == file.path for command in project.deploy.commands)


def _place(project: Project) -> Location:
    if ALIAS in project.storages:
        return project.where("STORAGES", ALIAS)
    return project.where(OLD) if project.is_set(OLD) else project.where("INSTALLED_APPS", APP)


RULE = Rule("scaleready.W041", SLUG, find, Area.SETTINGS, collect, leak=Leak.DATA)
