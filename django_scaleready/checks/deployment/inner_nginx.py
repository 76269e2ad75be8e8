"""nginx in the application's own container: of each replica there is one more."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from django_scaleready.checks.deployment.files import Kind

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.formats.nginx import Directive
    from django_scaleready.checks.deployment.process import Process
    from django_scaleready.checks.deployment.view import Deployment

_STARTERS = frozenset({"service", "systemctl", "rc-service"})
_PASSES = re.compile(r"\w+_pass|include|return|rewrite")
# The official image makes links of its logs to the container's output.
_OFFICIAL = re.compile(r"^FROM\s[^\n]*nginx", re.MULTILINE | re.IGNORECASE)
_LINKED = re.compile(r"^/var/log/nginx/(access|error)\.log$")


def configurations(deployment: Deployment) -> Iterator[tuple[Process, list[Directive]]]:
    """Yield each process that serves the application behind an nginx of its own, with that."""
    for process in deployment.processes:
        if process.serves and runs_nginx(process):
            directives = deployment.nginx
            paths = list(dict.fromkeys(each.location.path for each in directives))
            copied = [path for path in paths if _is_copied(path, process)]
            own = copied or (paths if len(paths) == 1 else [])
            yield process, [each for each in directives if each.location.path in own]


def runs_nginx(process: Process) -> bool:
    """Whether nginx is started in the same container."""
    return any(
        command.program == "nginx"
        or (command.program in _STARTERS and "nginx" in command.arguments)
        for command in process.commands
    )


def _is_copied(path: str, process: Process) -> bool:
    for source, target in process.copies:
        plain = posixpath.normpath(source).lstrip("/")
        if f"/{path}".endswith(f"/{plain}"):
            return True
        if "nginx" in target and path.startswith(f"{plain}/"):
            return True
    return False


def answers_itself(directives: Sequence[Directive], path: str) -> bool:
    """Whether nginx answers a path from its disk and asks nobody."""
    inside = [
        each
        for each in directives
        if any(block.name == "location" and block.arguments == (path,) for block in each.around)
    ]
    passed = any(
        _PASSES.fullmatch(each.name)
        or (each.name == "try_files" and each.arguments[-1:] and each.arguments[-1][0] == "@")
        for each in inside
    )
    return bool(inside) and not passed


def is_replaced(directives: Sequence[Directive], log: Directive) -> bool:
    """Whether each server has a log of its own in place of one that stands above them all."""
    blocks = tuple(block.name for block in log.around)
    path = log.location.path
    whole = any(each.name == "http" for each in directives if each.location.path == path)
    if blocks != (("http",) if whole else ()):
        return False
    # One of an upstream has an address.
    servers = [each for each in directives if each.name == "server" and not each.arguments]
    own = [each.around[-1] for each in directives if each.name == log.name and each.around]
    return bool(servers) and all(server in own for server in servers)


def is_linked(deployment: Deployment, path: str) -> bool:
    """Whether a log goes to the container's output because the image is made from nginx's."""
    images = (file.text for file in deployment.files if file.kind is Kind.DOCKERFILE)
    return bool(_LINKED.match(path)) and any(_OFFICIAL.search(text) for text in images)
