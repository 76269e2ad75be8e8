"""Service directories of runit and s6: in what they watch, each ``NAME/run`` is started."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import NamedTuple

from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.finding import Finder, place
from django_scaleready.checks.deployment.process import Process

_RUNIT = frozenset({"runsvdir", "runsvdir-start"})
_PHUSION = "my_init"
PROGRAMS = _RUNIT | {_PHUSION, "init", "s6-svscan"}
_RUNIT_AT = "/etc/service"
_S6_AT = ("/etc/services.d", "/etc/s6-overlay/s6-rc.d", "/etc/cont-init.d")
# What runs once before the services, file by file.
_ONCE = frozenset({"/etc/cont-init.d", "/etc/my_init.d"})
# A project may keep the folder without what is above it.
_KEPT = {folder: f"/{posixpath.basename(folder)}" for folder in _S6_AT}


class Service(NamedTuple):
    """A script that is started; ``once``: before the services, which wait for its end."""

    file: DeployFile
    once: bool


class Watching(NamedTuple):
    """Who watches service directories, and where; ``tells``: it passes SIGTERM on to them."""

    folders: tuple[str, ...]
    tells: bool


def _watched(command: Command, process: Process) -> Watching:
    """Return what a program watches, which is one of those that do.

    runsvdir ends on SIGTERM at once and leaves what it has started, as runsvdir(8) says: on SIGHUP
    it tells them. A script that waits for it with a trap does that, or tells them itself.
    """
    program = command.program
    if program == _PHUSION:
        return Watching((_RUNIT_AT, "/etc/my_init.d"), tells=True)
    given = next((word for word in command.arguments if word.startswith("/")), "")
    if program in _RUNIT:
        hangs_up = process.stop_signal.removeprefix("SIG") == "HUP"
        return Watching((given or _RUNIT_AT,), tells=hangs_up or not command.awaited)
    # What s6-overlay has below /run it puts there from where an image keeps it.
    scans = program == "s6-svscan" and given and not given.startswith("/run")
    return Watching((given,) if scans else _S6_AT, tells=True)


def commands(
    command: Command, process: Process, finder: Finder, copies: Iterable[tuple[str, str]]
) -> Iterator[tuple[DeployFile, Command]]:
    """Yield the scripts that a program starts in the folders it watches.

    ``copies``: what a start script has put where.
    """
    watching = _watched(command, process)
    links = [*process.linked, *copies]
    for service in _services(watching.folders, links, finder, process):
        yield (
            service.file,
            replace(
                command,
                words=(service.file.name,),
                awaited=command.awaited and service.once,
                supervised=command.supervised or watching.tells,
                left_by="" if watching.tells else command.program,
            ),
        )


def are_inherited(process: Process, finder: Finder) -> bool:
    """Whether s6 starts what an image has in its folders, as another image says.

    An image with nothing in front of its CMD of its own, which puts services there, builds on one
    that begins with s6-overlay's init.
    """
    if not process.inherits:
        return False
    folders = [folder for folder in _S6_AT if folder not in _ONCE]
    return any(
        _is_in(folder, place(file.path, *copy), once=False)
        for file in finder.files.values()
        if file.kind is Kind.SCRIPT and file.name == "run"
        for copy in process.placed
        for folder in folders
    )


def _services(
    folders: Iterable[str],
    links: Iterable[tuple[str, str]],
    finder: Finder,
    process: Process,
) -> Iterator[Service]:
    """Yield the project's scripts that are services in the folders, those that run once first.

    ``links``: what is a link to what in the image, or a copy.
    """
    scripts = [file for file in finder.files.values() if file.kind is Kind.SCRIPT]
    found: dict[str, Service] = {}
    for folder in sorted(map(posixpath.normpath, folders), key=lambda each: each not in _ONCE):
        once = folder in _ONCE
        # Where the project has the same folder, that is what the image gets.
        own = re.compile(f"{re.escape(_KEPT.get(folder, folder))}/[^/]+{'' if once else '/run'}$")
        for file in scripts:
            places = (place(file.path, *copy) for copy in process.placed)
            if own.search(f"/{file.path}") or any(_is_in(folder, p, once=once) for p in places):
                found.setdefault(file.path, Service(file, once))
        for source, target in links:
            path = _linked(folder, source, posixpath.normpath(target), once=once)
            linked = finder.find(path, process) if path else None
            if linked is not None and _is_script_at(path, linked):
                found.setdefault(linked.path, Service(linked, once))
    # A service that is down is one that somebody has to start.
    yield from (
        service
        for service in found.values()
        if service.once or not (finder.root / service.file.folder / "down").is_file()
    )


def _is_script_at(path: str, file: DeployFile) -> bool:
    """Whether a file that was looked for by its end is one of that name: web/run, not any run."""
    end = path.split("/")[-2:] if path.endswith("/run") else path.split("/")[-1:]
    return file.kind is Kind.SCRIPT and f"/{file.path}".endswith("/" + "/".join(end))


def _is_in(folder: str, place: str, *, once: bool) -> bool:
    above, name = posixpath.split(place)
    return above == folder if once else name == "run" and posixpath.dirname(above) == folder


def _linked(folder: str, source: str, target: str, *, once: bool) -> str:
    """Return the path of a script that a copy or a link makes a service, "" if it makes none."""
    if target == folder:
        target = posixpath.join(target, posixpath.basename(source))
    if _is_in(folder, target, once=once):
        return source
    return posixpath.join(source, "run") if posixpath.dirname(target) == folder else ""
