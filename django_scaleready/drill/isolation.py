"""A machine for each replica, as far as one machine goes: its own files, HOME and TMPDIR.

Two processes on one disk share file sessions, uploads and SQLite by accident, and a drill would
find nothing. So each replica gets a copy of the project. Where the kernel gives a process its own
view of the file system (Linux, ``unshare``; as root, or with user namespaces) the copy lies where
the original is, so that absolute paths lead to it too, and the temporary directories and the other
places that settings name are empty ones of its own, as on a new machine. Elsewhere it runs in the
copy, and ``limitations`` says what it shares.
"""

from __future__ import annotations

import shlex
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from django_scaleready.drill.waiting import DrillError

# Not written to by a project that runs, and large. Bound or linked to, not copied.
_SHARED = frozenset({".git", ".hg", ".svn", "node_modules"})
# What every process writes to without being asked.
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - to be hidden, not written to
# A path that settings name may be anywhere; without these no program starts.
_SYSTEM = tuple(
    Path(path) for path in ("/bin", "/boot", "/dev", "/etc", "/lib", "/lib64", "/proc", "/root",
                            "/run", "/sbin", "/sys", "/usr", "/var", "/home", "/opt", "/srv", "/")
)  # fmt: skip


@cache
def unshare() -> tuple[str, ...]:
    """How to start a program with mounts of its own; () where that is not allowed."""
    ways = (["unshare", "--mount"], ["unshare", "--mount", "--user", "--map-root-user"])
    for way in ways if sys.platform == "linux" else ():
        try:
            # Allowed to make a namespace one may still not be allowed to mount in it.
            done = subprocess.run(
                [*way, "mount", "--bind", "/proc", "/proc"], capture_output=True, check=False
            )
        except OSError:
            return ()
        if done.returncode == 0:
            return tuple(way)
    return ()


@dataclass(frozen=True)
class Machine:
    """Where one replica lives: ``home`` holds the copy of ``project`` and all else of its own.

    ``outside`` are directories beyond the project that are to be its own too, ``needed`` are those
    that must stay as they are (Python, the drill's own), also where one of the former holds them.
    """

    home: Path
    project: Path
    outside: Sequence[Path] = ()
    needed: Sequence[Path] = ()
    ways: Sequence[str] = field(default_factory=unshare)

    @property
    def files(self) -> Path:
        """The copy of the project, as seen from outside."""
        return self.home / "project"

    @property
    def directory(self) -> Path:
        """The project's directory, as a process of this machine sees it."""
        return self.project if self.ways else self.files

    def create(self) -> None:
        """Copy the project as it is now."""
        self.home.mkdir(parents=True)
        for name in ("home", "tmp"):
            (self.home / name).mkdir()
        _copy(self.project, self.files, self.needed)
        for name in _shared(self.project, self.needed):
            if self.ways:
                (self.files / name).mkdir()
            else:
                (self.files / name).symlink_to(self.project / name)

    def clone(self, home: Path) -> Machine:
        """Copy this machine with everything that was written on it."""
        shutil.copytree(self.home, home, symlinks=True, ignore=_specials)
        return Machine(home, self.project, self.outside, self.needed, self.ways)

    def destroy(self) -> None:
        """Forget all that was written, as when a pod goes."""
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def environment(self) -> dict[str, str]:
        """Its HOME and TMPDIR."""
        return {"HOME": str(self.home / "home"), "TMPDIR": str(self.home / "tmp")}

    def wrap(self, argv: Sequence[str | Path]) -> list[str]:
        """The command that runs a program on this machine; its pid is the program's own."""
        words = [str(word) for word in argv]
        if not self.ways:
            return words
        lines = ["set -e", *self._mounts(), f"cd {_quoted(self.project)}", 'exec "$@"']
        return [*self.ways, "--", "sh", "-c", "\n".join(lines), "sh", *words]

    def _mounts(self) -> list[str]:
        """Bind what stays into what will hide it, then hide; in this order, or nothing is left."""
        lines = [
            _bind(self.project / name, self.files / name)
            for name in _shared(self.project, self.needed)
        ]
        lines.append(_bind(self.files, self.project))
        for path in self._hidden():
            own = self.home / "outside" / str(path).strip("/").replace("/", "-")
            own.mkdir(parents=True, exist_ok=True)
            own.chmod(stat.S_IMODE(path.stat().st_mode))
            for below in self.outside:
                if path in below.parents and below.is_dir():
                    (own / below.relative_to(path)).mkdir(parents=True, exist_ok=True)
            for kept in _outermost([*self.needed, self.project, self.home]):
                if path in kept.parents:
                    inside = own / kept.relative_to(path)
                    inside.mkdir(parents=True, exist_ok=True)
                    lines.append(_bind(kept, inside))
            lines.append(_bind(own, path))
        return lines

    def _hidden(self) -> list[Path]:
        wanted = [path.resolve() for path in (*_TEMPORARY, *self.outside)]
        return [path for path in _outermost(wanted) if not self._visible(path)]

    def _visible(self, path: Path) -> str:
        """Why a path stays as it is, "" if it does not."""
        if self.project in (path, *path.parents):
            return "the project's copy holds it"
        if not path.is_dir():
            return "it is no directory yet"
        return "the system needs it" if path in _SYSTEM or path in self.needed else ""

    def limitations(self) -> list[str]:
        """What its processes share with other machines although they should not."""
        beyond = [p for p in map(Path.resolve, self.outside) if self.project not in (p, *p.parents)]
        if not self.ways:
            named = ", ".join(["", *map(str, _outermost(beyond))])
            return [
                (
                    "This system gives a process no mounts of its own (unshare --mount), so all"
                    f" replicas share what the project names by an absolute path{named}."
                )
            ]
        return [
            f"All replicas share {path}: {reason}."
            for path in _outermost(beyond)
            if (reason := self._visible(path))
        ]


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _bind(source: Path, over: Path) -> str:
    return f"mount --rbind {_quoted(source)} {_quoted(over)}"


def _outermost(paths: Iterable[Path]) -> list[Path]:
    """Without those that lie in another one, each once."""
    known = set(paths)
    return sorted(path for path in known if not known.intersection(path.parents))


def _shared(project: Path, needed: Sequence[Path]) -> list[str]:
    """What of a project is not copied: at its top level, or a virtual environment there."""
    return sorted(
        entry.name
        for entry in project.iterdir()
        if entry.is_dir()
        and not entry.is_symlink()
        and (entry.name in _SHARED or (entry / "pyvenv.cfg").exists() or _holds(entry, needed))
    )


def _holds(folder: Path, needed: Sequence[Path]) -> bool:
    return any(folder == path or folder in path.parents for path in needed)


def _copy(project: Path, files: Path, needed: Sequence[Path]) -> None:
    try:
        shared = set(_shared(project, needed))

        def ignore(folder: str, names: list[str]) -> set[str]:
            return _specials(folder, names) | (shared if Path(folder) == project else set())

        shutil.copytree(project, files, symlinks=True, ignore=ignore)
    except (shutil.Error, OSError) as error:
        raise DrillError(f"{project} cannot be copied for a replica: {error}") from error


def _special(path: Path) -> bool:
    """A socket or a pipe, which no copy can hold."""
    mode = path.lstat().st_mode
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))


def _specials(folder: str, names: list[str]) -> set[str]:
    return {name for name in names if _special(Path(folder, name))}


def python_needs(python: str, imported_from: Iterable[str], project: Path) -> list[Path]:
    """The directories without which a Python does not run, or a project does not import."""
    links = Path(python)
    prefixes = (Path(sys.prefix), Path(sys.base_prefix))
    own = (*prefixes, links.parents[1], links.resolve().parents[1])
    code = (path for path in map(Path, imported_from) if project not in (path, *path.parents))
    return sorted({path.resolve() for path in (*own, *code) if path.is_dir()})
