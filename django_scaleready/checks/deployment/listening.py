"""At which address which protocol is spoken, and where nginx passes requests to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Location
from django_scaleready.checks.deployment.formats.nginx import Directive

if TYPE_CHECKING:
    from django_scaleready.checks.deployment.view import Deployment

_PASSES = {"uwsgi_pass": "uwsgi", "proxy_pass": "HTTP"}
_UWSGI = ("socket", "uwsgi-socket", "s")
_HTTP = ("http", "http-socket")


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port, or the path of a socket."""

    host: str = ""
    port: str = ""
    path: str = ""

    def __str__(self) -> str:
        return self.path or f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Listener:
    """A server at an address: its protocol is uwsgi or HTTP."""

    process: str
    program: str
    address: Address
    protocol: str
    location: Location


def address(text: str) -> Address | None:
    """Return ``host:port``, ``:port``, ``unix:/path`` or a path; None for anything else."""
    for prefix in ("unix://", "unix:"):
        text = text.removeprefix(prefix)
    if text.startswith("/"):
        return Address(path=text.partition(":")[0])
    host, colon, port = text.rpartition(":")
    return Address(host, port) if colon and port.isdecimal() else None


def listeners(deployment: Deployment) -> Iterator[Listener]:
    """Yield the servers whose address and protocol are known."""
    for process, server in deployment.gunicorn:
        bind = server.settings.get("bind")
        protocol = server.settings.get("protocol")
        found = address(bind.value) if bind else None
        spoken = "uwsgi" if protocol and protocol.value == "uwsgi" else "HTTP"
        if bind and found:
            yield Listener(process.name.partition("/")[0], "gunicorn", found, spoken, bind.location)
    for process, uwsgi in deployment.uwsgi:
        plain = uwsgi.first("protocol")
        for option in uwsgi.all(*_UWSGI, *_HTTP):
            by_name = "HTTP" if option.name in _HTTP else "uwsgi"
            http = plain is not None and option.name == "socket" and plain.value == "http"
            spoken = "HTTP" if http else by_name
            if found := address(option.value):
                name = process.name.partition("/")[0]
                yield Listener(name, "uwsgi", found, spoken, option.location)


def passes(directives: Iterable[Directive]) -> Iterator[tuple[Address, str, Location]]:
    """Yield where nginx passes requests to, and the protocol that it speaks there."""
    listed = list(directives)
    upstreams: dict[str, list[str]] = {}
    for directive in listed:
        block = directive.around[-1] if directive.around else None
        if directive.name == "server" and block and block.name == "upstream" and block.arguments:
            upstreams.setdefault(block.arguments[0], []).extend(directive.arguments[:1])
    for directive in listed:
        protocol = _PASSES.get(directive.name)
        if protocol is None or not directive.arguments:
            continue
        target = directive.arguments[0]
        if target.startswith("https:"):
            continue
        target = target.removeprefix("http://").removeprefix("uwsgi://")
        target = target if target.startswith("unix:") else target.partition("/")[0]
        for server in upstreams.get(target, [target]):
            if found := address(server):
                yield found, protocol, directive.location
