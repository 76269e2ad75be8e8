"""Finding the deploy files of a project, and reading them within bounds."""

from __future__ import annotations

import enum
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from django_scaleready.checks.base import Unknown
from django_scaleready.checks.code.loading.files import SKIPPED_FOLDERS
from django_scaleready.checks.deployment.formats.dockerfile_names import is_dockerfile
from django_scaleready.checks.deployment.formats.templates import blanked

# They are written by hand; what is larger is data.
MAX_BYTES = 262_144
MAX_FILES = 2_000
# Everywhere, and below a folder that is called after what it holds.
DEPTH = 3
DEPTH_BELOW = 9
_FOLDERS = re.compile(
    r"(^|[-_.])(ansible|docker|deploy\w*|compose|k8s|kube\w*|kustomize|manifests?|helm|charts?"
    r"|infra\w*|ops|devops|provision\w*|systemd|supervisor\w*|nginx|uwsgi|gunicorn|etc|conf|config|configs"
    r"|scripts?|bin|contrib|prod\w*|rootfs|containers?|packaging|utility|swarm|s6\S*|services"
    r"|openshift|tray)"
    r"([-_.]|$)",
    re.IGNORECASE,
)
_SKIPPED = SKIPPED_FOLDERS - {"build", "dist"} | {"locale", "templates_dir", "fixtures"}
# Where platforms and people keep deploy files out of sight.
_HIDDEN = frozenset(
    [".aws", ".deploy", ".do", ".docker", ".ebextensions", ".heroku", ".k8s", ".nginx", ".render"]
)
# Somebody's own machine, a test run, or a page of documentation: nobody deploys it.
_DEVELOPMENT = re.compile(
    r"(^|[-_./])(dev(el\w*|container|env|server|box)?|(?<!usr/)local(host|dev)?|(unit-?)?tests?|testing|ci|travis|debug\w*|ddev|e2e|lando|sandbox|vagrant|lint"
    r"|cypress|demo|fuzz|playwright|selenium|bench\w*|docs?(?!/docker/)|mock\w*|pytest|tox)([-_./]|$)"
    # What compose adds to a plain file by itself; one that has to be named may be production's.
    r"|compose[-_.]overrides?\.ya?ml"
    r"|(^|/)(?-i:(Dev|Local|Test)(?=[A-Z]))",
    re.IGNORECASE,
)
_BUILDS = re.compile(r"(?:^|(?<=/))\.?ci/")
# What makes a folder a chart of Helm's.
CHART = "Chart.yaml"
_COPIES = (".example", ".sample", ".dist", ".default", ".template", ".tmpl", ".tpl")
_TEMPLATES = (".j2", ".jinja", ".jinja2", ".erb", ".gotmpl", ".mustache", ".in")
_FILLED_IN = (*_COPIES, *_TEMPLATES)


class Kind(enum.StrEnum):
    """What a file is, by its name and what stands in it."""

    DOCKERFILE = "Dockerfile"
    PROCFILE = "Procfile"
    COMPOSE = "compose file"
    KUBERNETES = "manifest"
    SCRIPT = "script"
    UWSGI = "uWSGI configuration"
    SUPERVISOR = "supervisord configuration"
    SYSTEMD = "systemd unit"
    NGINX = "nginx configuration"
    APACHE = "Apache configuration"
    CADDY = "Caddyfile"
    GUNICORN = "gunicorn configuration"
    MAKEFILE = "Makefile"
    PACKAGE = "package.json"
    PLATFORM = "platform's file"


# What a role or an image fills in; in a shell's own text braces may be what docker is given.
_FILLED = frozenset({Kind.UWSGI, Kind.SUPERVISOR, Kind.SYSTEMD, Kind.NGINX, Kind.COMPOSE})
_FILLED_BY_NAME = frozenset([*_FILLED, Kind.SCRIPT, Kind.DOCKERFILE, Kind.PROCFILE])


@dataclass(frozen=True, slots=True)
class DeployFile:
    """A deploy file: its path below the root, with ``/``, and what stands in it."""

    path: str
    kind: Kind
    text: str
    # The name that it has where it is used, if it stands inside another.
    inside: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.inside or PurePosixPath(self.path).name

    @property
    def folder(self) -> str:
        """Its folder below the root, "" for the root itself."""
        folder = PurePosixPath(self.path).parent.as_posix()
        return "" if folder == "." else folder

    @property
    def for_development(self) -> bool:
        """Whether the name or a folder says that nobody deploys it."""
        path = self.path
        if self.kind is Kind.KUBERNETES:
            # What deploys to a cluster lies beside what builds for it.
            path = _BUILDS.sub("", path)
        return bool(_DEVELOPMENT.search(path))


def is_for_development(name: str) -> bool:
    """Whether a stage, a target or a profile of that name is not deployed."""
    return bool(_DEVELOPMENT.search(name))


def find(root: Path) -> Iterator[DeployFile | Unknown]:
    """Yield the deploy files below a folder, and what could not be read."""
    for count, path in enumerate(_candidates(root)):
        if count == MAX_FILES:
            yield Unknown(".", f"only the first {MAX_FILES:,} candidates were looked at")
            return
        name = path.relative_to(root).as_posix()
        found = read(path, root)
        if isinstance(found, str):
            kind = kind_of(name, found)
            if kind is not None:
                kinds = _FILLED_BY_NAME if path.suffix in _TEMPLATES else _FILLED
                yield DeployFile(name, kind, blanked(found) if kind in kinds else found)
        elif found is not None and ("." in path.name or _SURE.match(path.name)):
            # Not of what has only no suffix: a program, a link to somewhere.
            yield Unknown(name, f"could not be read: {found}")


def _candidates(root: Path) -> list[Path]:
    found: list[Path] = []
    pending = [(str(root), DEPTH)]
    while pending:
        folder, depth = pending.pop()
        try:
            with os.scandir(folder) as listed:
                entries = list(listed)
        except OSError:
            # Unreadable, it holds nothing that a deployment builds from as this user.
            continue
        is_chart = any(entry.name == CHART for entry in entries)
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                hidden = entry.name.startswith(".") and entry.name not in _HIDDEN
                images = f"{entry.path}/docker"  # Built, wherever it lies among documents.
                if entry.name in {"doc", "docs"} and not Path(images).is_symlink():
                    pending.append((images, DEPTH_BELOW))
                elif entry.name not in _SKIPPED and not hidden:
                    below = DEPTH_BELOW if is_chart or _FOLDERS.search(entry.name) else 0
                    below = max(below, depth - 1)
                    if below > 0:
                        pending.append((entry.path, below))
            elif _may_be(entry.name):
                found.append(Path(entry.path))
    return sorted(found)


# Those that platforms.py reads.
_OF_PLATFORMS = (
    r"(heroku|render|appspec|app(_desc|\.[\w-]+)?|manifest[\w.-]*)\.ya?ml|fly(\.[\w-]+)?\.toml|(railway|nixpacks)\.(toml|json)"
    r"|dockerrun\.aws\.json|.*task[-_]?def[\w-]*\.json|[\w.-]+\.config"
)
_NAMES = re.compile(
    rf"{_OF_PLATFORMS}|package\.json|"
    r"(?:.*\.)?(docker|container)file([.-].*)?|procfile[\w.-]*|.*\.(dockerfile|containerfile)"
    r"|.*\.(ya?ml|sh|bash|ini|conf|service|cfg|docker)|.*gunicorn.*\.py|.*gunicorn.*"
    # Scripts have often no suffix; those that are none are told by their first line.
    r"|[\w-]+|\.profile|caddyfile[.\w-]*",
    re.IGNORECASE,
)
_SURE = re.compile(r"(docker|container)file|procfile", re.IGNORECASE)
_NEVER = re.compile(
    r"mkdocs|\.pre-commit|openapi|swagger|tox\.ini|pytest\.ini|mypy\.ini|package[-.].+json",
    re.IGNORECASE,
)


def _may_be(name: str) -> bool:
    name = plain(name)
    return bool(_NAMES.fullmatch(name)) and not _NEVER.search(name)


def plain(name: str) -> str:
    """Return the name that a copy to be filled in, or a template, becomes."""
    if name.endswith(_FILLED_IN):
        for suffix in _FILLED_IN:
            name = name.removesuffix(suffix)
    return name


def read(path: Path, root: Path) -> str | OSError | ValueError | None:
    """Return a file's text, why it cannot be read, or None if it is no file of the project."""
    try:
        problem = _is_astray(path, root)
        if problem or not path.is_file():
            return problem
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        return error
    text = content.decode("utf-8-sig", "replace").replace("\r\n", "\n")
    if len(content) > MAX_BYTES:
        is_data = path.suffix in {".yml", ".yaml"} and not _kind_of_yaml(path.name.lower(), text)
        return None if is_data else ValueError("too large for one")
    return ValueError("it holds a NUL byte") if b"\0" in content else text


def _is_astray(path: Path, root: Path) -> ValueError | None:
    if not path.is_symlink() or path.is_dir():
        return None
    try:
        target = path.resolve(strict=True)
    except RuntimeError:
        # Before Python 3.13 a loop of links is no OSError.
        return ValueError("a loop of links")
    inside = target.is_relative_to(root.resolve())
    return None if inside else ValueError("a link that leads out of the project")


_SERVICES = re.compile(r"^services:", re.MULTILINE)
# Not \s, which takes line after line: a file of blank lines would be read once for each of them.
_API = re.compile(r"^[ \t]*apiVersion:.*$", re.MULTILINE)
# A template of Helm's that is nothing but another one.
_INCLUDES = re.compile(r"^\{\{-?\s*(?:include|template)\s", re.MULTILINE)
_SUPERVISOR = re.compile(r"^[ \t]*\[(program|supervisord|include)\b[^\]\n]*\]", re.MULTILINE)
_UWSGI = re.compile(r"^[ \t]*\[uwsgi\]", re.MULTILINE)
_SHELL = re.compile(r"#!.*\b((ba|da|a|k|z)?sh|execlineb)\b")
_NGINX = re.compile(
    r"^[ \t]*(upstream[ \t]+\S+\s*\{|server\s*\{|location[ \t][^\n]*\{|http\s*\{)", re.MULTILINE
)
_APACHE = re.compile(r"^[ \t]*(<VirtualHost|WSGIScriptAlias|Alias(Match)?)[ \t]", re.MULTILINE)
# The one that a platform takes; another has to be named.
PROCFILE = "Procfile"
# What a platform has a shell run before each process.
PROFILE = ".profile"
_MAKEFILES = frozenset({"Makefile", "makefile", "GNUmakefile", "justfile", "Justfile"})


# What one of their files tells the platform to start or to keep.
_STARTED = re.compile(
    r"^[ \t]*[{\[\"]*(run|release|startCommand|dockerCommand|dockerfilePath|run_command|entrypoint"
    r"|command|docker|disk|deploy|start|mounts|processes|containerDefinitions|container_commands|hooks"
    r"|applications)\b",
    re.MULTILINE,
)
_PLATFORM = re.compile(_OF_PLATFORMS, re.IGNORECASE)


def kind_of(path: str, text: str) -> Kind | None:
    """Return what a file is, None if it is none of a deployment."""
    name = plain(PurePosixPath(path).name)
    low = name.lower()
    suffix = PurePosixPath(low).suffix
    if is_dockerfile(path, name, text):
        return None if low.endswith((".dockerignore", ".sh", ".md")) else Kind.DOCKERFILE
    if name in _MAKEFILES or name.startswith(PROCFILE):
        return Kind.MAKEFILE if name in _MAKEFILES else Kind.PROCFILE
    if suffix in {".yml", ".yaml", ".json", ".toml", ".config"}:
        return _kind_of_data(low, text)
    if suffix == ".py":
        return Kind.GUNICORN
    if suffix in {".sh", ".bash"} or low == PROFILE or _SHELL.match(text.partition("\n")[0]):
        return Kind.SCRIPT
    return _kind_of_sections(path.lower(), suffix, text)


def _kind_of_sections(path: str, suffix: str, text: str) -> Kind | None:
    if suffix == ".service":
        return Kind.SYSTEMD if "[Service]" in text else None
    if suffix in {".conf", ".ini", ".cfg"} and _SUPERVISOR.search(text):
        return Kind.SUPERVISOR
    if suffix in {".conf", ".ini", ".cfg"} and _UWSGI.search(text):
        return Kind.UWSGI
    if PurePosixPath(path).name.startswith("caddyfile"):
        return Kind.CADDY
    if (suffix == ".conf" or "nginx" in path) and _NGINX.search(text):
        return Kind.NGINX
    return Kind.APACHE if suffix == ".conf" and _APACHE.search(text) else None


def _kind_of_data(name: str, text: str) -> Kind | None:
    if name == "package.json":
        return Kind.PACKAGE if '"scripts"' in text else None
    found = _kind_of_yaml(name, text) if name.endswith(("yml", "yaml")) else None
    told = found is None and _PLATFORM.fullmatch(name) and _STARTED.search(text)
    return Kind.PLATFORM if told else found


def _kind_of_yaml(name: str, text: str) -> Kind | None:
    if "compose" in name or (
        _SERVICES.search(text) and re.search(r"^[ \t]+(image|build):", text, re.MULTILINE)
    ):
        return Kind.COMPOSE
    if _API.search(text) and re.search(r"^[ \t]*kind:", text, re.MULTILINE):
        return Kind.KUBERNETES
    if _INCLUDES.search(text) or name in {"kustomization.yaml", "kustomization.yml"}:
        return Kind.KUBERNETES
    return None
