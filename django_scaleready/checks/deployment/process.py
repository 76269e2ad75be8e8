"""A process as a deploy file describes it: what is started, with what around it."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.command import Command
from django_scaleready.checks.deployment.files import DeployFile, Kind, is_for_development

# What a project makes, and no code of it.
_MADE = re.compile(r"data|media|upload|static|file|log|db|backup|conf|cert", re.IGNORECASE)
# The repository as a whole, or the folder of its code.
_TREE = re.compile(
    r"\.{1,2}(/\.\.)*(/(api|app|backend|code|django|project|server|source|src|web))?/?"
)
# What says in an environment that somebody works here: DEV_ENV=True, SHOP_ENV=local.
_DEVELOPS = re.compile(
    r"(?!\w*NO_DEV)((\w+_)?(DEV|DEVELOPMENT|DEV_(ENV|MODE))=(1|true|yes|on)"
    r"|(\w+_)?(ENV|ENVIRONMENT|STAGE)=(dev|develop|development|local))",
    re.IGNORECASE,
)
# Somebody may look into a part of what is deployed.
_LOOKS_INTO = re.compile(r"\w+_DEBUG=(1|true|yes|on)", re.IGNORECASE)

_EDITABLE = re.compile(r"\bpip3? install (.* )?(-e|--editable)[ =]\./?(\[\S*\])?( |$)")
# The environment of a Django application, whatever its image is called.
_DJANGO = re.compile(r"^DJANGO_|SECRET_KEY$")


class Filled(str):
    """A word of several lines that a file has as one, as a name that is filled in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Volume:
    """A directory that outlives the container: where it comes from and where it is seen.

    ``shared``: by all replicas, wherever they run; None if nothing says so.
    """

    source: str
    target: str
    location: Location
    shared: bool | None = False
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """What an orchestrator asks a process: ``purpose`` is liveness, readiness, startup, health."""

    purpose: str
    path: str
    location: Location


@dataclass(frozen=True, slots=True)
class Given:
    """A number that a file gives, in seconds if it is a time, and the option that gives it.

    ``said`` is False for what holds because nothing is said.
    """

    value: float
    option: str
    location: Location
    said: bool = True


@dataclass(frozen=True, slots=True)
class Process:
    """One container, unit or line of a Procfile, of which there may be many replicas.

    ``words`` is what is executed; a shell form begins with ``/bin/sh -c``. ``grace``: the seconds
    from SIGTERM to SIGKILL; ``delay``: those of them that pass before SIGTERM. ``once``: it is run
    for a release, not in each replica. ``built``: from the sources that lie beside its file.
    ``beside``: it runs before the main one of the same replica. ``signals_all``: whoever stops it
    sends SIGTERM to each of its processes. ``shell``: what ``sh`` is. ``pod``: what starts and
    stops with it, in as many replicas, has the same. ``on_demand``: nothing here starts it, but a
    start script would if it was told to. ``waited_for``: another starts when it is healthy.
    ``withheld``: the variables that are set to what another object holds, without which it does not
    start. ``timed``: a clock starts it, and nothing ends it. ``overlaps``: a new one is started
    before the old one ends. ``unprobed``: nobody asks it whether it is ready before it is sent
    requests. ``placed``: the copies of its image whose absolute targets are known, ``linked`` what
    it links or moves to where, ``folder`` where it works. ``listens``: it is what an image starts
    that says on which port. ``inherits``: what is executed comes behind an ENTRYPOINT of another
    image's, if that has one. ``for_production``: a file for that is laid over the one that says it.
    ``context``: the folder below the root that its image is built from. ``in_use``: its file turns
    debugging off, and developers have another beside it. ``env_files``: the files that hold more of
    its variables, by their paths in the repository. ``mapped``: where it has which files of
    ConfigMaps.
    """

    name: str
    kind: Kind
    location: Location
    words: tuple[str, ...] = ()
    started_at: Location | None = None
    environment: Mapping[str, str | None] = field(default_factory=dict)
    env_files: tuple[str, ...] = ()
    withheld: frozenset[str] = frozenset()
    copies: tuple[tuple[str, str], ...] = ()
    placed: tuple[tuple[str, str], ...] = ()
    linked: tuple[tuple[str, str], ...] = ()
    folder: str = ""
    mapped: tuple[tuple[str, DeployFile], ...] = ()
    volumes: tuple[Volume, ...] = ()
    probes: tuple[Probe, ...] = ()
    grace: Given | None = None
    delay: float = 0
    replicas: Given | None = None
    overlaps: bool = False
    unprobed: bool = False
    stop_signal: str = ""
    signal_said_at: Location | None = None
    shell: str = "dash"
    outputs: tuple[tuple[str, Location], ...] = ()
    image: str = ""
    once: bool = False
    beside: bool = False
    on_demand: bool = False
    waited_for: bool = False
    signals_all: bool = False
    own: bool = True
    built: bool = False
    context: str = ""
    pod: str = ""
    timed: bool = False
    listens: bool = False
    inherits: bool = False
    for_development: bool = False
    for_production: bool = False
    in_use: bool = False
    commands: tuple[Command, ...] = ()

    @property
    def servers(self) -> Iterator[Command]:
        """What answers requests in it."""
        return (command for command in self.commands if command.serves)

    @property
    def serves(self) -> bool:
        """Whether it answers requests, as the line ``web:`` of a Procfile does whatever it runs."""
        return any(self.servers) or (self.kind is Kind.PROCFILE and self.name == "web")

    @property
    def is_replica(self) -> bool:
        """Whether there may be several of it: it serves or takes tasks, or starts with such."""
        return not self.once and (self.beside or self.serves or any(c.works for c in self.commands))

    @property
    def stays(self) -> bool:
        """Whether it is the project's and goes on running."""
        return any(c.serves or c.works or c.schedules for c in self.commands)


def of_file(file: DeployFile, *words: str) -> Process:
    """Return a process that a program starts with a file."""
    return Process(file.name, file.kind, Location(file.path, 1), (*words, file.path))


@dataclass(frozen=True, slots=True)
class Described:
    """A process as far as one file says, before its image is looked at.

    ``dockerfile`` is a path below the root, "" if nothing is built; ``entrypoint`` and ``command``
    are None where the image decides.
    """

    process: Process
    dockerfile: str = ""
    target: str = ""
    entrypoint: tuple[str, ...] | None = None
    command: tuple[str, ...] | None = None

    @property
    def words(self) -> tuple[str, ...]:
        """What the file itself says is executed."""
        return (*(self.entrypoint or ()), *(self.command or ()))


def is_development(process: Process) -> bool:
    """Whether a process is started where somebody works on the code.

    The source tree is mounted over the image, and what is started looks at it for changes.
    """
    # What comes first is the project's own name.
    settings = (process.environment.get("DJANGO_SETTINGS_MODULE") or "").partition(".")[2]
    if process.for_development or is_for_development(settings):
        return True
    if process.kind is Kind.SCRIPT and (is_tried_out(process) or _is_editable(process)):
        # A container does not start it, and whoever does runs the development server, or what is
        # in the source tree.
        return True
    reloads = any(
        command.management.startswith("runserver") or command.has_option("--reload", "--autoreload")
        for command in process.commands
    )
    # A file for production that leaves a real server as it is takes what looks at the code along.
    taken_along = process.in_use or (process.for_production and not is_tried_out(process))
    if reloads and not taken_along and any(_is_source(volume) for volume in process.volumes):
        return True
    return is_worked_on(process, process.words)


def is_worked_on(process: Process, words: Iterable[str]) -> bool:
    """Whether the environment of a service says that somebody works there: ``DEV_ENV=True``.

    Where the code is mounted over the image, so does the name of what is started,
    ``scripts/run-dev.sh``, or of the folder of the code, ``/shop_devel``.
    """
    given = [f"{name}={value}" for name, value in process.environment.items()]
    if process.kind is Kind.COMPOSE and any(map(_DEVELOPS.fullmatch, given)):
        return True
    if not is_over_tree(process):
        return False
    names = [word for word in words if word.endswith(".sh")]
    names += [volume.target for volume in process.volumes if is_tree(volume.source)]
    return any(map(is_for_development, names)) or any(map(_LOOKS_INTO.fullmatch, given))


def is_over_tree(process: Process) -> bool:
    """Whether the repository's code is mounted over the image's: each change of it runs."""
    composed = process.kind is Kind.COMPOSE
    return composed and any(is_tree(volume.source) for volume in process.volumes)


def is_tree(source: str) -> bool:
    """Whether what is mounted is the repository as a whole, or the folder of its code."""
    return bool(_TREE.fullmatch(source))


def is_edited(process: Process) -> bool:
    """Whether code is mounted where its image, which is built here, has that code already."""
    mounted = ((volume.source, volume.target) for volume in process.volumes)
    return (process.built and not process.in_use) and any(
        is_tree(source)
        and posixpath.normpath(copied) in {".", posixpath.normpath(source)}
        and posixpath.normpath(target) == posixpath.normpath(posixpath.join(target, to))
        for source, target in mounted
        for copied, to in process.copies
    )


def is_tried_out(process: Process) -> bool:
    """Whether it serves by the development server alone."""
    serving = [command.management for command in process.servers]
    return bool(serving) and all(serving)


def _is_editable(process: Process) -> bool:
    """Whether it installs the project to run as it stands, each change of it: pip install -e ."""
    return any(_EDITABLE.search(" ".join(command.words)) for command in process.commands)


def _is_source(volume: Volume) -> bool:
    """Whether a folder of the repository is mounted, and none for what the project makes."""
    return volume.source.startswith(".") and not _MADE.search(volume.source)


def is_configured(process: Process) -> bool:
    """Whether the environment is a Django application's.

    The secret of a pair, S3_ACCESS_KEY and S3_SECRET_KEY, is anybody's who asks an object store, or
    is one.
    """
    names = {*process.environment}
    pairs = {name for name in names if name.replace("SECRET_", "ACCESS_") in names - {name}}
    return any(map(_DJANGO.search, names - pairs))
