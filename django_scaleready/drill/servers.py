"""How a replica is served: command lines of web servers, with the kit's configuration and without.

Pure text; ``naive`` is what a tutorial writes, for comparison.
"""

from __future__ import annotations

import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.waiting import DrillError

_KIT = ("-c", "python:django_scaleready.gunicorn")
_KIT_UWSGI = """\
ini="$("$0" -m django_scaleready uwsgi-ini)" && program="$1" && shift
exec "$program" --ini "$ini" "$@"
"""


@dataclass(frozen=True)
class Server:
    """``name`` as on the command line; ``worker`` is gunicorn's worker class, "" without gunicorn.

    ``speaks`` is the interface that it calls: "wsgi" or "asgi".
    """

    name: str
    speaks: str
    worker: str = ""

    def argv(self, python: str, application: str, port: int, *, naive: bool = False) -> list[str]:
        """The command that serves ``application`` (``package.module:name``) on loopback."""
        if self.worker:
            return self._gunicorn(python, application, port, naive)
        if self.name == "uwsgi":
            return _uwsgi(python, application, port, naive)
        # No difference: the kit's part of these stands in the project's asgi.py.
        interface = ["--interface", "asgi"] if self.name == "granian" else []
        return [
            *(python, "-m", self.name, *interface),
            *("--host", HOST, "--port", str(port), application),
        ]

    def _gunicorn(self, python: str, application: str, port: int, naive: bool) -> list[str]:
        config = [] if naive else _KIT
        worker = ["--worker-class", self.worker]
        if naive and self.worker == "gthread":
            worker += ["--threads", "4"]
        return [
            *(python, "-m", "gunicorn", *config, *worker),
            *("--bind", f"{HOST}:{port}", application),
        ]


def _uwsgi(python: str, application: str, port: int, naive: bool) -> list[str]:
    program = Path(sysconfig.get_path("scripts"), "uwsgi")
    beside = Path(python).with_name("uwsgi")
    module, _, name = application.partition(":")
    base = [str(beside if beside.exists() else program), "--http-socket", f"{HOST}:{port}"]
    own = ["--master", "--module", f"{module}:{name or 'application'}"]
    if naive:
        return [*base, *own, "--processes", "1", "--threads", "4"]
    # By a shell, as documented: the figures come from the environment in which it will run.
    return ["/bin/sh", "-c", _KIT_UWSGI, python, *base, *own]


SERVERS: Mapping[str, Server] = {
    server.name: server
    for server in (
        Server("gthread", "wsgi", "gthread"),
        Server("sync", "wsgi", "sync"),
        Server("gevent", "wsgi", "gevent"),
        Server("asgi", "asgi", "asgi"),
        Server("uvicorn-worker", "asgi", "uvicorn_worker.UvicornWorker"),
        Server("uvicorn", "asgi"),
        Server("granian", "asgi"),
        Server("uwsgi", "wsgi"),
    )
}


def server(name: str) -> Server:
    """Return a server by its name; DrillError, naming those there are, if there is no such."""
    try:
        return SERVERS[name]
    except KeyError:
        raise DrillError(f"No server {name!r}; there are {', '.join(SERVERS)}.") from None
