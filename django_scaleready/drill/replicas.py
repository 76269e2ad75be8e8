"""A web server of the project on a port of its own: started, asked, restarted."""

from __future__ import annotations

import contextlib
import http.client
import socket
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django_scaleready.drill.isolation import Machine
from django_scaleready.drill.processes import Process
from django_scaleready.drill.waiting import DrillError, NotInTimeError

_START_SECONDS = 60
# From an open port to a worker that has loaded its settings.
_LOAD_SECONDS = 20
# A web server that drains ends after its drain and its graceful time-out.
_STOP_SECONDS = 60


@dataclass(frozen=True)
class Replica:
    """One web server of the project; ``url`` has no slash at its end.

    ``readiness`` is the path that answers 200 when it may have requests, "" if there is none: then
    a port that accepts is ready. ``machine`` holds its files, None if it has none of its own.
    ``marker`` is the file that appears once the drill's settings are in force.
    """

    name: str
    url: str
    process: Process
    readiness: str = "/readyz"
    machine: Machine | None = None
    marker: Path | None = None

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        host, _, port = self.url.removeprefix("http://").partition(":")
        return host, int(port)

    def start(self) -> None:
        """Start it on its port, and do not wait; several start faster side by side."""
        if self.marker is not None:
            self.marker.unlink(missing_ok=True)
        self.process.start()

    def wait(self, path: str | None = None) -> None:
        """Return when it is ready, or when ``path`` answers 200.

        Raises DrillError if it is ready without the drill's settings: then it runs on the
        project's real services, and is killed.
        """
        path = self.readiness if path is None else path
        what = f"200 from {path}" if path else "an open port"
        self.process.wait_until(lambda: self._ready(path), _START_SECONDS, what)
        if not self._has_settings(answered=bool(path)):
            self.process.kill()
            raise DrillError(
                f"{self.name} did not start with the settings of the drill, but with others:"
                " something that its server imports sets DJANGO_SETTINGS_MODULE or configures the"
                " settings. It was killed; it may have reached the project's real services."
            )

    def _has_settings(self, *, answered: bool) -> bool:
        """Whether the drill's settings are in force; a port is open before they are loaded."""
        if self.marker is None:
            return True
        with contextlib.suppress(NotInTimeError):
            self.process.wait_until(
                self.marker.exists, 0 if answered else _LOAD_SECONDS, "the drill's settings"
            )
        return self.marker.exists()

    def ready(self) -> bool:
        """Whether it says within a second that it may have requests."""
        return self.process.running and self._ready(self.readiness)

    def answers(self, path: str) -> bool:
        """Whether a path answers 200 within a second."""
        return answers(self.url + path)

    def restart(self) -> bool:
        """Ask it to end, start it again, wait until it is ready; whether it ended when asked.

        It keeps its files, as a server does that is deployed to.
        """
        in_time = self.process.stop(_STOP_SECONDS)
        self.start()
        self.wait()
        return in_time

    def accepts(self) -> bool:
        """Whether its port accepts a connection within a second."""
        with contextlib.suppress(OSError), socket.create_connection(self.address, timeout=1):
            return True
        return False

    def _ready(self, path: str) -> bool:
        return self.answers(path) if path else self.accepts()


def answers(url: str) -> bool:
    """Whether a URL answers 200 within a second."""
    parts = urlsplit(url)
    # Asked many times a second beside what is measured; httpx.get() makes a TLS context each time.
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=1)
    try:
        connection.request("GET", parts.path or "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
