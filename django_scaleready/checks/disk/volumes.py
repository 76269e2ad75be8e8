"""The volumes in which the application keeps files, and those of them that hold the uploads."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from django_scaleready.checks.code.paths.writers import GONE, READ, TAKEN
from django_scaleready.checks.deployment.process import is_edited, is_tree
from django_scaleready.checks.disk.stored import is_chosen, judged_users, keeps_uploads

if TYPE_CHECKING:
    from django_scaleready.checks.base import Location
    from django_scaleready.checks.code.summary import Fact, Summary
    from django_scaleready.checks.deployment.process import Process, Volume
    from django_scaleready.checks.project import Project

NO_STATE = re.compile(
    r"(^|[-_./])(static\w*|assets|(node|bower)[-_](modules|components)|requirements|\.?venv"
    r"|virtualenv|site-packages|__pycache__"
    r"|\.?caches?|pip|npm|tmp|temp|locale|configs?|configuration|conf|secrets?|certs?"
    r"|certificates?|ssl|tls|coverage|htmlcov|letsencrypt|\.?ssh|\.?aws|kube|logs?|bash[-_]history"
    r"|(\w+-)?exclusions?|pycharm\w*|vscode\w*|webpack\w*|dist|build|nginx|containers|prometheus\w*|metrics)([-_./]|$)",
    re.IGNORECASE,
)
# Somebody's copies, unless code writes them.
BACKUPS = re.compile(r"(^|[-_./])backups?([-_./]|$)", re.IGNORECASE)
SYSTEM = re.compile(
    r"^/(run|var/run|tmp|dev|proc|sys|etc(/[^/]+)?/?$|usr/(local/)?(bin|lib|share)"
    # The state of a service's own image, whatever that is called.
    r"|var/lib/(kubelet|postgres\w*|mysql|mariadb|redis|rabbitmq|arango\w*|mongo\w*|elastic\w*"
    r"|opensearch|clickhouse|neo4j|ghost|grafana|prometheus))(/|$)"
)
# The code itself, in a volume by such a name.
CODE_NAME = re.compile(r"(^|[-_])(code|source|src)$", re.IGNORECASE)
SOCKET = re.compile(r"\.sock(et)?$")
ENVIRONMENT = re.compile(r"\.env(\.|$)")
# MEDIA_ROOT, DJANGO_MEDIA_ROOT: what the settings take theirs from.
MEDIA = re.compile(r"(^|_)MEDIA_(ROOT|DIR|PATH|FOLDER)$")
DATABASES = frozenset({".db", ".sqlite", ".sqlite3"})
CODE = ("", ".", "./", "..", "../")

# Where one directory is mounted.
Uses = list[tuple["Process", "Volume"]]


def kept(project: Project) -> dict[str, Uses]:
    """Return the directories of the application that stay on one machine, by their path."""
    found: dict[str, Uses] = {}
    targets: dict[tuple[str, str], str] = {}
    for process in project.deploy.processes:
        ours = (process.stays or process.own) and not is_edited(process)
        for volume in process.volumes if ours and not process.once else ():
            if _is_state(project, process, volume):
                # What one service keeps at /app/media another may serve from /media.
                key = (volume.location.path, volume.source or volume.target.rstrip("/"))
                target = targets.setdefault(key, volume.target.rstrip("/"))
                found.setdefault(target, []).append((process, volume))
    return found


def lies_in(project: Project, path: str, uses: Uses) -> bool:
    """Whether a path lies in a directory, by whatever path another service mounts that."""
    named = {(volume.location.path, volume.source) for _, volume in uses if volume.source}
    folders = {volume.target for _, volume in uses}
    folders |= {
        volume.target
        for process in project.deploy.processes
        for volume in process.volumes
        if (volume.location.path, volume.source) in named
    }
    return any(PurePosixPath(path).is_relative_to(folder) for folder in folders if folder)


def _is_state(project: Project, process: Process, volume: Volume) -> bool:
    target, source = volume.target, volume.source
    if volume.read_only or volume.shared or project.is_shared(target):
        return False
    suffix = PurePosixPath(target).suffix
    names = [PurePosixPath(target).name, PurePosixPath(source).name]
    if ENVIRONMENT.match(names[0]) or any(map(CODE_NAME.search, names)):
        return False
    if SYSTEM.search(target) or (suffix and suffix not in DATABASES):
        return False
    if any(SOCKET.search(word) and f"{target}/" in word for word in _words(process)):
        return False
    last = "/".join(PurePosixPath(target).parts[-2:])
    named = (last, names[1])
    copies = any(map(BACKUPS.search, named)) and not _is_written(project, process, target)
    if copies or any(map(NO_STATE.search, named)):
        return False
    return not (source.startswith(".") and _is_code(project, process, volume))


def _is_written(project: Project, process: Process, target: str) -> bool:
    """Whether code that a replica or a clock runs writes to a known path in a directory."""
    for source, fact in project.code.facts("file-write"):
        kind, _, term, *_ = fact.data
        if kind in {GONE, READ, TAKEN} or not runs_by_itself(project, source, fact):
            continue
        if text := project.origins.lead(term).text:
            path = posixpath.normpath(posixpath.join(project.root.as_posix(), text))
            places = (path, *in_container(project, path, process))
            if any(PurePosixPath(place).is_relative_to(target) for place in places):
                return True
    return False


def runs_by_itself(project: Project, source: Summary, fact: Fact) -> bool:
    """Whether a replica comes to a place, or a command that a clock starts."""
    return not project.is_operators(source, fact) or project.is_scheduled(source, fact)


def _words(process: Process) -> Iterator[str]:
    return (word for command in process.commands for word in command.words)


def _is_code(project: Project, process: Process, volume: Volume) -> bool:
    """Whether what is mounted is a part of the repository.

    All of it over an image that is not built here: that is how a checkout is deployed, with what it
    keeps.
    """
    if volume.source in CODE:
        return bool(volume.source) and (process.built or not _uploads_are_inside(project))
    if volume.target.rstrip("/") in _sources(project):
        return True
    folder = Path(project.root, volume.location.path).parent / volume.source
    if not folder.is_dir():
        return folder.is_file()
    # Folders that are there to be filled hold nothing but .gitkeep.
    files = (path.relative_to(folder).parts for path in folder.rglob("*") if not path.is_dir())
    return any(not any(part.startswith(".") for part in parts) for parts in files)


def _sources(project: Project) -> set[str]:
    """Where the images of a project have its code: what is mounted there instead is code, too."""
    mounted = (volume for process in project.deploy.processes for volume in process.volumes)
    return {volume.target.rstrip("/") for volume in mounted if volume.source in CODE[1:]}


def _uploads_are_inside(project: Project) -> bool:
    """Whether uploads are kept below the project's own folder."""
    media = str(project.setting("MEDIA_ROOT") or "")
    return bool(media) and Path(media).is_relative_to(project.root)


# The uploads.


def upload_volumes(project: Project) -> list[Location]:
    """Return where the volumes are mounted that hold nothing but uploads."""
    held = [uses for uses in kept(project).values() if holds_uploads(project, uses)]
    return sorted({volume.location for uses in held for _, volume in uses})


def upload_roots(project: Project) -> list[str]:
    """Return the folders of the local storages in which uploads are known to be kept."""
    return [
        posixpath.normpath(str(folder))
        for alias, storage in project.storages.items()
        if (folder := getattr(storage, "location", "")) and keeps_uploads(project, alias)
    ]


def unused_roots(project: Project) -> list[str]:
    """Return the folder of the default storage, if it is local and nothing is seen to use it."""
    storage = project.storages.get("default")
    folder = getattr(storage, "location", "")
    if not folder or judged_users(project, "default") != [] or not is_chosen(project):
        return []
    return [posixpath.normpath(str(folder))]


def holds_uploads(project: Project, uses: Uses) -> bool:
    """Whether a directory is one in which a storage that ``media-local`` names keeps uploads."""
    if any(_is_told(process, volume.target) for process, volume in uses):
        return any(keeps_uploads(project, alias) for alias in project.storages)
    return any(
        _is_below(project, folder, process, volume.target)
        for folder in upload_roots(project)
        for process, volume in uses
    )


def _is_told(process: Process, target: str) -> bool:
    """Whether a variable of the container says that the uploads are kept there."""
    told = (value for name, value in process.environment.items() if MEDIA.search(name))
    return any(value and posixpath.isabs(value) and _is_in(target, value) for value in told)


def _is_in(target: str, folder: str) -> bool:
    return PurePosixPath(target).is_relative_to(posixpath.normpath(folder))


def _is_below(project: Project, folder: str, process: Process, target: str) -> bool:
    # Beside the code, only what fields name holds uploads.
    settings = posixpath.join(project.root.as_posix(), settings_file(project))
    beside = PurePosixPath(settings).is_relative_to(folder)
    for inside in (folder, *in_container(project, folder, process)):
        if PurePosixPath(target).is_relative_to(inside):
            rest = PurePosixPath(target).relative_to(inside)
            if not beside or any(rest.is_relative_to(own) for own in _upload_folders(project)):
                return True
    return False


def settings_file(project: Project) -> str:
    """Return the file from whose place the settings compute their folders."""
    return project.where("MEDIA_ROOT").path


def in_container(project: Project, folder: str, process: Process) -> Iterator[str]:
    """Yield where a folder that the settings compute from their own place may be in a container.

    It is as far from the settings as here. What is copied is said from the folder in which the
    image is built, and that may be any around the settings and the folder. An image that nothing of
    the code is copied into, for it has a package of it, has it where it works.
    """
    root, settings = project.root.as_posix(), PurePosixPath(settings_file(project))
    if settings.is_absolute():
        return
    away = posixpath.relpath(folder, posixpath.join(root, settings.parent))
    mounted = ((v.source, v.target) for v in process.volumes if is_tree(v.source))
    unknown = posixpath.isabs(process.folder)
    for source, target in (*process.placed, *mounted):
        for context in settings.parents:
            copied = posixpath.normpath(posixpath.join(context, source.lstrip("/")))
            # Beside a folder that is copied whole there may be one that no image brings.
            above = PurePosixPath(folder).parent == PurePosixPath(root).parent
            around = PurePosixPath(folder).is_relative_to(posixpath.join(root, context))
            if (around or above) and settings.parent.is_relative_to(copied):
                unknown = False
                there = posixpath.join(target, settings.parent.relative_to(copied))
                yield posixpath.normpath(posixpath.join(there, away))
    if unknown:
        yield posixpath.normpath(posixpath.join(process.folder, settings.parent, away))


def _upload_folders(project: Project) -> set[PurePosixPath]:
    """Return the folders that model fields name: that of ``upload_to="scans/%Y"`` is scans."""
    named = [fact.data[3] for _, fact in project.code.facts("file-fields")]
    named += [getattr(field, "upload_to", "") for field in project.file_fields]
    fixed = (re.split(r"[^/]*%", name)[0].strip("/") for name in named if isinstance(name, str))
    return {PurePosixPath(name) for name in fixed if name}
