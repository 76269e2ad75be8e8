"""Whether anything here says that the application keeps files in a volume."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from django_scaleready.checks.code.paths.writers import GONE, READ, TAKEN
from django_scaleready.checks.deployment.formats import env_files
from django_scaleready.checks.disk.leads import PATH_NAMES
from django_scaleready.checks.disk.volumes import (
    Uses,
    in_container,
    kept,
    runs_by_itself,
    settings_file,
    upload_roots,
)

if TYPE_CHECKING:
    from django_scaleready.checks.base import Location
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.project import Project

# What is a part of a page's address, or of the code; uploads are asked for with their storage.
_OTHER_SETTINGS = re.compile(
    r"URL|PREFIX|REGEX|PATTERN|COOKIE|STATIC|TEMPLATE|LOCALE|FIXTURE|WHITENOISE|^MEDIA_ROOT$"
)
# Where a program is at home, or looks for programs.
_OTHER_VARIABLES = re.compile(
    r"(^|_)(HOME|PWD|PATH|PYTHONPATH|URL|PREFIX)$|^(XDG|UV|POETRY|PIP)_|VIRTUAL_?ENV|STATIC"
)
_SQLITE = re.compile(r"\w*(sqlite|spatialite)\w*:///(?=/)")
_DATABASE = re.compile(r"(^|_)(DB|DATABASES?|SQLITE)(_|$)")
# A line of a file of variables.
_WORD = re.compile(r"[a-z]{3,}")
_PATH_WORDS = frozenset({"dir", "directory", "root", "path", "folder", "file", "location", "dirs"})
_DEPTH = 4
_SETTINGS = ("INSTALLED_APPS", "MIDDLEWARE")


def is_used(project: Project, uses: Uses) -> bool:
    """Whether a setting, a variable, a command or code names a path in a volume, or around it.

    Where no settings are found, nothing tells that none does.
    """
    if not any(map(project.is_set, _SETTINGS)):
        return True
    named = list(_named(project))
    return any(_holds(project, process, volume.target, named) for process, volume in uses)


def _holds(project: Project, process: Process, target: str, named: list[str]) -> bool:
    given = [*(path for _, path in _variables(project, process)), *_words(process)]
    if any(PurePosixPath(path).is_relative_to(target) for path in given):
        return True
    if _is_told_by_name(project, target):
        return True
    root = project.root.as_posix()
    code = posixpath.join(root, posixpath.dirname(settings_file(project)))
    homes = [code, *in_container(project, code, process)]
    for path in named:
        inside = list(in_container(project, path, process)) if path.startswith(f"{root}/") else []
        if any(_is_around(each, target, homes) for each in (path, *inside)):
            return True
        if not inside and _ends_alike(posixpath.relpath(path, root), target):
            return True
    return False


def only_setting(project: Project, uses: Uses) -> str:
    """Return the setting whose folder is all that anything here names in a volume, "" for none."""
    inside = contents(project, uses)
    return inside.pop() if len(inside) == 1 and uses[0][1].source else ""


def contents(project: Project, uses: Uses) -> set[str]:
    """Return the settings and variables whose paths lie in a volume, and the paths of no name."""
    inside = set()
    for process, volume in uses:
        target = PurePosixPath(volume.target)
        for name, path in _told(project):
            places = (path, *in_container(project, path, process))
            if any(PurePosixPath(each).is_relative_to(target) for each in places):
                inside.add(name)
        value = str(project.setting(next(iter(inside))) or "") if len(inside) == 1 else ""
        given = [*_variables(project, process), *(("", path) for path in _words(process))]
        # A variable that is called as a setting is where that is taken from.
        inside |= {
            name if name and project.is_set(name) else path
            for name, path in given
            if PurePosixPath(path).is_relative_to(target) and path != value
        }
    return inside


def of_other_leaks(project: Project, uses: Uses) -> set[str]:
    """Return the names and paths in a volume that others tell of: SQLite's, and beat's schedule."""
    told = set()
    if any(d.vendor == "sqlite" and d.alias == "default" for d in project.databases):
        own = [(n, str(path)) for p, _ in uses for n, path in _variables(project, p)]
        told = {part for pair in own if _DATABASE.search(pair[0]) for part in pair}
        told |= {name for name, _ in _told(project) if _DATABASE.search(name)}
    schedules = (
        command.option("-s", "--schedule")
        if command.runs_celery("beat") or command.embeds_beat
        else None
        for process, _ in uses
        for command in process.commands
    )
    return told | {posixpath.normpath(path) for path in schedules if path}


def _is_around(path: str, target: str, homes: Iterable[str]) -> bool:
    """Whether a path lies in a volume, or is a folder around it that is not the code's."""
    if PurePosixPath(path).is_relative_to(target):
        return not any(PurePosixPath(home).is_relative_to(path) for home in homes)
    around = PurePosixPath(target).is_relative_to(path) and path != "/"
    return around and not any(PurePosixPath(home).is_relative_to(path) for home in homes)


def _ends_alike(path: str, target: str) -> bool:
    """Whether a path in the repository may be in a volume, where nobody knows the code is.

    What lies in ``var/media`` here may be in ``/opt/shop/var``.
    """
    return not path.startswith("..") and PurePosixPath(target).name in PurePosixPath(path).parts


def _named(project: Project) -> Iterator[str]:
    """Yield the paths that the settings in force name, and those that the code writes."""
    return (path for _, path in _told(project))


def _told(project: Project) -> Iterator[tuple[str, str]]:
    """Yield these paths with the setting that has them, "" for none."""
    for name, value in project.settings_named("").items():
        if not _OTHER_SETTINGS.search(name):
            yield from ((name, path) for path in _paths(value))
    yield from (("", path) for path in upload_roots(project))
    for source, fact in project.code.facts("file-write"):
        kind, shown, term, *_ = fact.data
        if kind in {READ, TAKEN, GONE} or not runs_by_itself(project, source, fact):
            continue
        lead = project.origins.lead(term)
        if lead.text:
            path = posixpath.normpath(posixpath.join(project.root.as_posix(), lead.text))
            yield lead.setting, path
        elif term[0] == "here":
            # The text of an expression, as far as it has words that folders have.
            folder = posixpath.join(project.root.as_posix(), posixpath.dirname(source.path))
            words = re.findall(r"[\w-]+", shown)
            yield from (("", posixpath.join(folder, word)) for word in words)


def _paths(value: Any, depth: int = _DEPTH) -> Iterator[str]:
    """Yield the absolute paths in a value."""
    if isinstance(value, str | PurePath):
        text = _SQLITE.sub("", str(value))
        if text.startswith("/") and text != "/" and not re.search(r"[\s*^$?:|]", text):
            yield posixpath.normpath(text)
    elif depth and isinstance(value, Mapping | list | tuple):
        for part in value.values() if isinstance(value, Mapping) else value:
            yield from _paths(part, depth - 1)


def _variables(project: Project, process: Process) -> Iterator[tuple[str, str]]:
    """Yield the paths that a container's variables hold, with the variables' names."""
    given = env_files.variables(Path(project.root), process.env_files)
    for name, value in {**given, **process.environment}.items():
        text = value or ""
        if not _OTHER_VARIABLES.search(name) or _SQLITE.match(text):
            yield from ((name, path) for path in _paths(text))


def _words(process: Process) -> Iterator[str]:
    """Yield the paths that are given to what is started: ``celery beat -s /data/schedule``."""
    for command in process.commands:
        for word in command.words[1:]:
            yield from _paths(word.rpartition("=")[2])


def _is_told_by_name(project: Project, target: str) -> bool:
    """Whether a folder is called like a setting that holds a path which nobody here knows."""
    words = set(_WORD.findall(PurePosixPath(target).name.lower()))
    return any(
        words & (set(_WORD.findall(name.lower())) - _PATH_WORDS)
        for name, value in project.settings_named("").items()
        if PATH_NAMES.search(name) and not _OTHER_SETTINGS.search(name)
        if value is None and not project.is_known(name)
    )


def mounted(project: Project, setting: str) -> list[Location]:
    """Return where the volumes are mounted in which nothing else is known to be."""
    alone = (uses for uses in kept(project).values() if only_setting(project, uses) == setting)
    return [volume.location for uses in alone for _, volume in uses]
