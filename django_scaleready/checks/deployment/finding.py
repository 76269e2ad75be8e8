"""The project's files behind the paths of a container."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from django_scaleready.checks.deployment.files import DeployFile, Kind, read
from django_scaleready.checks.deployment.process import Process

# Linux takes no longer path, and each end of one is tried.
_LONGEST = 4_096
# Where the system looks for programs.
PATH = ("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin")


class Finder:
    """Finds deploy files; ``files`` are those that there are, by path."""

    def __init__(self, root: Path, files: Iterable[DeployFile]) -> None:
        """Take the root and the deploy files."""
        self.root = root
        # One that stands inside a manifest is mounted wherever it is asked for.
        self.files = {posixpath.join(f.path, f.inside) if f.inside else f.path: f for f in files}

    def find(self, path: str, process: Process) -> DeployFile | None:
        """Return the project's file behind a path in a container.

        By what is mounted or the image copies, else the longest end of the path that there is in
        the project.
        """
        if len(path) > _LONGEST:
            return None
        path = posixpath.normpath(path.rpartition("$")[2].partition("}")[2] or path)
        if file := dict(process.mapped).get(path) or self._mounted(path, process):
            return file
        for source, copied in process.copies:
            target = posixpath.normpath(copied) if copied.startswith("/") else ""
            if not target and path == posixpath.normpath(copied) and path != source:
                # Beside where the image's work is done: another file under this one's name.
                return self._ending(source, process)
            if target and (file := self._copied(path, source, target, process)):
                return file
            built = posixpath.join(process.context, source)
            if target and process.context and (file := self._below(path, built, target)):
                return file
        return self._ending(path, process)

    def in_path(self, name: str, process: Process) -> DeployFile | None:
        """Return the project's program of a name that has no folder.

        Only what the image itself puts among its programs is the project's.
        """
        for source, target in process.copies:
            if target.endswith(f"/{name}"):
                return self.find(target, process)
            if posixpath.normpath(target).endswith("/bin"):
                if posixpath.basename(source) == name:
                    return self._ending(source, process)
                if found := self.files.get(posixpath.normpath(f"{source}/{name}").lstrip("/")):
                    return found
            for folder in PATH if target.startswith("/") else ():
                place = f"{folder}/{name}"
                if found := self._below(place, source, posixpath.normpath(target)):
                    return found
        return None

    def configuration(self, path: str, process: Process) -> DeployFile | None:
        """Return the file that a server is told to take; Python may have any name."""
        if (found := self.find(path, process)) or not path.endswith(".py"):
            return found
        return self._read(path, process, Kind.GUNICORN)

    def sourced(self, path: str, process: Process) -> DeployFile | None:
        """Return what a script reads its variables from; that may have any name.

        Only what the image has at that very place is the project's.
        """
        return self._read(path, process, Kind.SCRIPT) if path.startswith("/") else None

    def _read(self, path: str, process: Process, kind: Kind) -> DeployFile | None:
        for source in sources(posixpath.normpath(path), process):
            name = posixpath.normpath(f"/{source}").lstrip("/")
            if isinstance(text := read(self.root / name, self.root), str):
                return DeployFile(name, kind, text)
        return None

    def _mounted(self, path: str, process: Process) -> DeployFile | None:
        """Return what a folder of the repository that is mounted over the image has at a path."""
        for source, target in mounts(process):
            if file := self._below(path, source, posixpath.normpath(target)):
                return file
        return None

    def _copied(self, path: str, source: str, target: str, process: Process) -> DeployFile | None:
        if path in {target, f"{target}/{posixpath.basename(source)}"}:
            return self._ending(source, process)
        return self._below(path, source, target)

    def _below(self, path: str, source: str, target: str) -> DeployFile | None:
        above = target.rstrip("/")
        if not path.startswith(f"{above}/"):
            return None
        rest = path.removeprefix(f"{above}/")
        return self.files.get(posixpath.normpath(f"{source}/{rest}").lstrip("/"))

    def _ending(self, path: str, process: Process) -> DeployFile | None:
        parts = [part for part in PurePosixPath(path).parts if part not in {"/", "."}]
        beside = posixpath.dirname(process.location.path)
        for start in range(len(parts)):
            end = "/".join(parts[start:])
            for candidate in (posixpath.normpath(posixpath.join(beside, end)), end):
                if candidate in self.files:
                    return self.files[candidate]
        named = [f for f in self.files.values() if parts and f.name == parts[-1]]
        if len(named) > 1:
            # docker/dev/start.sh and docker/prod/start.sh: the image has the one that it copies.
            sources = [f"/{posixpath.normpath(source)}" for source, _ in process.copies]
            named = [f for f in named if f"/{f.path}".endswith(tuple(sources))]
        return named[0] if len(named) == 1 else None


def place(path: str, source: str, target: str) -> str:
    """Return where a file of the project lies in the image, "" if a copy does not take it."""
    source = posixpath.normpath(f"/{source}").lstrip("/")
    if path == source:
        target = posixpath.join(target, posixpath.basename(path)) if target[-1] == "/" else target
        return posixpath.normpath(target)
    if source and not path.startswith(f"{source}/"):
        return ""
    return posixpath.normpath(posixpath.join(target, path.removeprefix(source).lstrip("/")))


def mounts(process: Process) -> list[tuple[str, str]]:
    """Return what of the repository is mounted, and where."""
    beside = posixpath.dirname(process.location.path)
    return [
        (posixpath.join(beside, volume.source), volume.target)
        for volume in process.volumes
        if volume.source.startswith(".")
    ]


def sources(path: str, process: Process) -> Iterator[str]:
    """Yield where the project may have what a container has at a path.

    It is where it was copied from, or what is mounted there.
    """
    for source, copied in (*mounts(process), *process.copies):
        target = posixpath.normpath(copied)
        if path == target:
            yield source
        elif path.startswith(f"{target.rstrip('/')}/"):
            rest = path.removeprefix(f"{target.rstrip('/')}/")
            yield source if rest == posixpath.basename(source) else f"{source}/{rest}"
    if not path.startswith("/"):
        yield path
