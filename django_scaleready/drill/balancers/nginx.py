"""nginx, which does not ask for readiness; the documented procedure tells it instead."""

from __future__ import annotations

import contextlib
import http.client
import re
import signal
from collections.abc import Iterator, Sequence

import httpx

from django_scaleready import manifests
from django_scaleready.budget import Ladder
from django_scaleready.drill import programs
from django_scaleready.drill.balancers.base import LADDER
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.replicas import Replica, answers
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError, until

_START_SECONDS = 15
_CONFIG = """\
daemon off;
pid {folder}/nginx.pid;
error_log stderr warn;
worker_processes 1;
events {{ worker_connections 4000; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    # A worker that a reload has replaced ends when its clients have gone.
    keepalive_timeout 60s;
{fragment}
}}
"""
_GENERATION = "/.drill-generation"
# Those of the example.
_SERVERS = re.compile(r"^ +server [^\n{]*;(\n +server [^\n{]*;)*", re.MULTILINE)


class Nginx:
    """Reloaded with the replica marked ``down`` for the time of its restart, as documented.

    ``told`` is False for one that nobody tells: it learns of a restart from requests that fail.
    """

    name = "nginx"

    def __init__(
        self,
        supervisor: Supervisor,
        replicas: Sequence[Replica],
        ladder: Ladder = LADDER,
        *,
        told: bool = True,
    ) -> None:
        self._folder = supervisor.folder("nginx")
        # nginx's workers leave root; the folder is theirs to write bodies to.
        self._folder.chmod(0o777)
        self._port = supervisor.port()
        self.url = f"http://{HOST}:{self._port}"
        self._replicas, self._told = replicas, told
        self._fragment = manifests.nginx(ladder)
        self._down: set[str] = set()
        self._number = 0
        self._file = self._folder / "nginx.conf"
        self._write()
        self.process: Process = supervisor.process(
            "nginx", [programs.require("nginx"), "-c", self._file], stop_signal=signal.SIGQUIT
        )

    def start(self) -> None:
        """Start it; it believes every replica up."""
        self.process.start()
        self.process.wait_until(
            lambda: answers(self.url + _GENERATION), _START_SECONDS, "its first answer"
        )

    def stop(self) -> None:
        """End it, once its clients have gone."""
        self.process.stop()

    def take_out(self, replica: Replica) -> None:
        """Mark it ``down`` and reload; returns when no new request goes to it."""
        if self._told:
            self._down.add(replica.name)
            self._reload()

    def put_back(self, replica: Replica) -> None:
        """Mark it up again and reload."""
        if self._told:
            self._down.discard(replica.name)
            self._reload()

    def up(self) -> frozenset[str]:
        """All that are not marked ``down``: nginx knows no better."""
        return frozenset(replica.name for replica in self._replicas) - self._down

    def _reload(self) -> None:
        self._number += 1
        self._write()
        with self._until_it_leaves():
            self.process.signal(signal.SIGHUP)
        until(self._is_new, _START_SECONDS, "nginx with its new configuration")

    @contextlib.contextmanager
    def _until_it_leaves(self) -> Iterator[None]:
        """Wait until the worker that serves now accepts no connection any more.

        It accepts some beside its successor, who answers first. Only after it has closed the port
        it closes connections without a request.
        """
        kept = http.client.HTTPConnection(HOST, self._port, timeout=_START_SECONDS)
        try:
            kept.request("GET", _GENERATION)
            kept.getresponse().read()
            yield
            kept.sock.recv(1)
        except OSError as error:
            raise DrillError(f"nginx does not reload: {error}") from error
        finally:
            kept.close()

    def _is_new(self) -> bool:
        try:
            return httpx.get(self.url + _GENERATION, timeout=1).text == str(self._number)
        except httpx.TransportError:
            return False

    def _write(self) -> None:
        servers = "\n".join(
            f"    server {replica.url.removeprefix('http://')} max_fails=0"
            f"{' down' if replica.name in self._down else ''};"
            for replica in self._replicas
        )
        generation = f'    location = {_GENERATION} {{ return 200 "{self._number}"; }}'
        fragment = _SERVERS.sub(servers, self._fragment, count=1)
        fragment = fragment.replace("listen 80;", f"listen {HOST}:{self._port};\n{generation}")
        # It has no certificate here: the client says that the request was HTTPS.
        fragment = fragment.replace("$scheme", "$http_x_forwarded_proto")
        self._file.write_text(_CONFIG.format(folder=self._folder, fragment=fragment))
