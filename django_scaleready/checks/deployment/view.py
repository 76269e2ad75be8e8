"""The deployment as its files describe it, joined: processes, servers, balancers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TypeVar

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.boundary import attempt
from django_scaleready.checks.deployment import files, host_mounts, left_behind, on_demand
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.deployed import deployed
from django_scaleready.checks.deployment.files import DeployFile, Kind
from django_scaleready.checks.deployment.formats import (
    compose,
    dockerfile,
    gunicorn,
    ini_text,
    nginx,
    platforms,
    procfile,
    supervisor,
    systemd,
    uwsgi,
)
from django_scaleready.checks.deployment.formats.heads import is_said_for_development
from django_scaleready.checks.deployment.formats.kubernetes import Manifests
from django_scaleready.checks.deployment.formats.templates import undecided
from django_scaleready.checks.deployment.helm.chart import Charts
from django_scaleready.checks.deployment.images import Images
from django_scaleready.checks.deployment.names import STARTS, programs, project_folder
from django_scaleready.checks.deployment.process import Described, Probe, Process, of_file
from django_scaleready.checks.deployment.shell import worker_scripts
from django_scaleready.checks.deployment.starting import Follower

T = TypeVar("T")
Find = Callable[[str], DeployFile | None]
_STARTED = frozenset({Kind.SUPERVISOR, Kind.UWSGI})
# Most of them are for developers, whatever they name.
_TOOLS = frozenset({Kind.SCRIPT, Kind.MAKEFILE, Kind.PACKAGE})
_CONSOLE = frozenset({"-", "NONE", "AUTO", "STDOUT", "STDERR"})


class Deployment:
    """One look at the deploy files. They are read when first asked for, then kept.

    What cannot be read is left out and noted in ``unknown``.
    """

    def __init__(self, root: Path) -> None:
        """Take the project's root; nothing is read yet."""
        self.root = root
        self._noted: dict[Unknown, None] = {}

    @property
    def unknown(self) -> list[Unknown]:
        """What could not be read so far, each once."""
        return list(self._noted)

    def _kept(self, items: Iterable[T | Unknown]) -> list[T]:
        kept: list[T] = []
        for item in items:
            if isinstance(item, Unknown):
                self._noted[item] = None
            else:
                kept.append(item)
        return kept

    def _made(self, file: DeployFile, make: Callable[..., T], *arguments: object) -> list[T]:
        """Return what is made of a file, in a list; nothing, and a note, if that fails."""
        made = attempt(file.path, make, *arguments)
        if isinstance(made, Unknown):
            made = undecided(file, made)
        return self._kept([made])

    # What there is.

    @cached_property
    def files(self) -> list[DeployFile]:
        """The deploy files, those for development among them."""
        found = self._kept(files.find(self.root))
        for file in found:
            if file.kind is Kind.UWSGI and not file.for_development:
                self._made(file, ini_text.entries, file.text)
        return found

    def _of(self, kind: Kind) -> list[DeployFile]:
        # Those of pods stand in manifests.
        held = [] if kind is Kind.KUBERNETES else self._held
        return [file for file in (*self.files, *held) if file.kind is kind]

    @cached_property
    def _held(self) -> list[DeployFile]:
        images = (file for file in self.files if file.kind is Kind.DOCKERFILE)
        return [*self.manifests.files(), *(one for f in images for one in dockerfile.written(f))]

    @property
    def paths(self) -> list[str]:
        """The files that say how the project is deployed."""
        started = {command.location.path for command in self.commands}
        return [
            file.path
            for file in self.files
            if not file.for_development and (file.kind not in _TOOLS or file.path in started)
        ]

    @cached_property
    def _follower(self) -> Follower:
        return Follower(self.root, [*self._held, *self.files], programs(self.root))

    @cached_property
    def images(self) -> Images:
        """The images that the project's Dockerfiles make."""
        found = [
            (file, stages)
            for file in self._of(Kind.DOCKERFILE)
            for stages in self._made(file, dockerfile.stages, file)
        ]
        composed = [file.path for file in self._of(Kind.COMPOSE)]
        listed = any(not file.for_development for file in self._of(Kind.PROCFILE))
        # A platform's own file may have the image built, whether it says so or not.
        pushed = bool(self._of(Kind.PLATFORM) or self._of(Kind.KUBERNETES))
        return Images(self.root, found, composed, listed=listed and not pushed)

    @cached_property
    def manifests(self) -> Manifests:
        """Kubernetes' manifests."""
        found = Manifests(Charts(self.root))
        for file in self._of(Kind.KUBERNETES):
            if not file.for_development:
                self._made(file, found.add, file)
        return found

    @cached_property
    def _described(self) -> list[Described]:
        services = self._told(Kind.COMPOSE, lambda file: list(compose.services(file)))
        return [*services, *self.manifests.processes()]

    def _told(self, kind: Kind, read: Callable[[DeployFile], list[Described]]) -> list[Described]:
        files = (file for file in self._of(kind) if not file.for_development)
        return [one for file in files for made in self._made(file, read, file) for one in made]

    # What is started.

    @cached_property
    def processes(self) -> list[Process]:
        """What is started where the project is deployed; nothing that is for development."""
        found = [*self._all("containers", self._contained), *self._all("units", self._listed)]
        followed = [p for process in found for p in self._follow(process)]
        if not any(process.own and process.stays for process in followed):
            told = on_demand.programs(self.images.own, self._of(Kind.SCRIPT))
            followed += self._staying("programs of images", told)
        followed += self._all("scripts", self._unreached)
        modes = on_demand.modes(self._of(Kind.SCRIPT), self._follower)
        followed += self._staying("modes of scripts", modes)
        kept = deployed(followed, lambda each: project_folder(self.root, each.location.path))
        kept = left_behind.without_others_supervisors(followed, kept)
        for file in worker_scripts.of_nobody(followed, kept, self.files):
            kept += self._follow(of_file(file, "sh"))
        return host_mounts.joined(kept, self.files)

    def _all(self, subject: str, make: Callable[[], Iterable[Process]]) -> list[Process]:
        made = attempt(f"deploy files: {subject}", lambda: list(make()))
        return [process for found in self._kept([made]) for process in found]

    def _contained(self) -> Iterator[Process]:
        yield from self.images.joined(self._described)
        yield from self.images.alone(self._described)

    def _listed(self) -> Iterator[Process]:
        for file in self._of(Kind.PROCFILE):
            yield from self._kept(procfile.processes(file))
        yield from procfile.profiles(self.files)
        for file in self._of(Kind.SYSTEMD):
            for made in self._made(file, systemd.processes, file):
                yield from map(self.images.by_name, made)
        yield from self.images.joined(self._told(Kind.PLATFORM, platforms.described))

    def _follow(self, process: Process) -> list[Process]:
        made = attempt(str(process.location), self._follower.commands, process)
        return [replace(process, commands=found) for found in self._kept([made])]

    def _unreached(self) -> list[Process]:
        """Return what a container may start although no file here says so."""
        found = []
        supervised: dict[str, Process] = {}
        for file in self.files:
            called = bool(STARTS.search(file.name)) or file.path in self.images.programs
            started = file.kind in _STARTED or (file.kind is Kind.SCRIPT and called)
            passed = file.path in self._follower.reached or file.for_development
            other = file.path.startswith(self.images.other_folders)
            if not started or passed or other or self._named(file):
                continue
            if left_behind.is_unused(self.root, file, self.files, self.images.own):
                continue
            if file.kind is Kind.SUPERVISOR:
                made = self._follow(of_file(file, "supervisord", "-c"))
                together = file.folder if supervisor.is_taken_whole(file.folder) else file.path
                commands = supervised[together].commands if together in supervised else ()
                for process in made:
                    joined = replace(process, commands=(*commands, *process.commands))
                    supervised[together] = joined
            elif file.kind is Kind.UWSGI:
                found += self._follow(of_file(file, "uwsgi", "--ini"))
            else:
                found += self._follow(of_file(file, "sh"))
        return [*found, *supervised.values()]

    def _staying(self, subject: str, asked_for: Iterator[Process]) -> list[Process]:
        """Return those of what may be asked for that go on running."""
        made = self._all(subject, lambda: (p for one in asked_for for p in self._follow(one)))
        return [process for process in made if process.stays]

    def _named(self, file: DeployFile) -> bool:
        """Whether something decides about a file, and was seen not to take it."""
        pattern = re.escape(file.name)
        if file.kind is Kind.SUPERVISOR:
            pattern = f"supervisord[^\\n]*{pattern}"
        silent = {Kind.DOCKERFILE, Kind.MAKEFILE, Kind.PACKAGE}
        return any(re.search(pattern, f.text) for f in self.files if f.kind not in silent)

    @property
    def commands(self) -> list[Command]:
        """The programs of all processes, each once."""
        return list(dict.fromkeys(each for one in self.processes for each in one.commands))

    @cached_property
    def started_commands(self) -> frozenset[str]:
        """The management commands that a replica runs when it starts, or as long as it lives."""
        replicas = (p for p in self.processes if p.is_replica and not p.on_demand)
        found = {command.management for process in replicas for command in process.commands}
        return frozenset(found - {""})

    # The servers.

    def _find(self, process: Process) -> Find:
        return lambda path: self._follower.finder.configuration(path, process)

    @cached_property
    def uwsgi(self) -> list[tuple[Process, uwsgi.Uwsgi]]:
        """The uWSGI servers with their processes."""
        return list(self._servers({"uwsgi", "uwsgi-core", "pyuwsgi"}, uwsgi.server))

    @cached_property
    def gunicorn(self) -> list[tuple[Process, gunicorn.Gunicorn]]:
        """The gunicorn servers with their processes."""
        return list(self._servers({"gunicorn", "gunicorn3"}, gunicorn.server))

    def _servers(
        self, names: set[str], make: Callable[[Command, Find, Mapping[str, str | None]], T]
    ) -> Iterator[tuple[Process, T]]:
        for process in self.processes:
            for command in process.commands:
                if command.program in names:
                    find, environment = self._find(process), process.environment
                    made = attempt(str(command.location), make, command, find, environment)
                    yield from ((process, server) for server in self._kept([made]))

    @cached_property
    def supervisors(self) -> list[supervisor.Supervisor]:
        """supervisord's configurations that are deployed."""
        return [
            found
            for file in self._of(Kind.SUPERVISOR)
            if not file.for_development
            for found in self._made(file, supervisor.read, file)
        ]

    @cached_property
    def nginx(self) -> list[nginx.Directive]:
        """The directives of nginx's configurations that are deployed."""
        return [
            directive
            for file in self._of(Kind.NGINX)
            if not file.for_development and not is_said_for_development(file, self.files)
            for found in self._made(file, nginx.read, file)
            for directive in found
        ]

    def is_console(self, path: str) -> bool:
        """Whether what is written to a path goes to the container's output."""
        if path in self.images.console or path.upper() in _CONSOLE:
            return True
        return not path or bool(re.match(r"/dev/|/proc/|syslog|%\(|\$[^/]*$", path))

    @property
    def probes(self) -> Iterator[tuple[Process | None, Probe]]:
        """What is asked of the processes that answer requests, and by balancers."""
        for process in self.processes:
            for probe in process.probes:
                yield process, probe
        for probe in self.manifests.balancer_probes():
            yield None, probe
