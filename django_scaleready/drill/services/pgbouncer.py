"""PgBouncer in transaction mode, where it is installed; there is no wheel of it."""

from __future__ import annotations

import signal
from collections.abc import Mapping

import psycopg

from django_scaleready.drill import programs
from django_scaleready.drill.ports import HOST
from django_scaleready.drill.processes import Process
from django_scaleready.drill.services import unprivileged
from django_scaleready.drill.services.postgres import USER, Postgres
from django_scaleready.drill.supervisor import Supervisor

SETTINGS: Mapping[str, str] = {
    "pool_mode": "transaction",
    # By default the connection used last is handed out again, so that a client meets its own state
    # and everything is green (measured). Rotating, and with more than one, it fails at once.
    "server_round_robin": "1",
    "default_pool_size": "3",
    "min_pool_size": "3",
    # The default is 15 s during which a database that is back is refused (measured).
    "server_login_retry": "1",
    "server_connect_timeout": "3",
    "query_wait_timeout": "10",
    "max_client_conn": "500",
    "auth_type": "any",
    "unix_socket_dir": "",
}


class PgBouncer:
    """A pooler before one cluster; its databases are those of the cluster, by the same names."""

    def __init__(
        self,
        supervisor: Supervisor,
        postgres: Postgres,
        name: str = "pgbouncer",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self.port = supervisor.port()
        options = {
            **SETTINGS,
            "listen_addr": HOST,
            "listen_port": str(self.port),
            **(settings or {}),
        }
        options["stats_users"] = options["admin_users"] = USER
        directory = supervisor.folder(name)
        file = directory / "pgbouncer.ini"
        file.write_text(
            f"[databases]\n* = host={HOST} port={postgres.port} user={USER}\n[pgbouncer]\n"
            + "".join(f"{key} = {value}\n" for key, value in options.items())
        )
        unprivileged.own(directory)
        self.process: Process = supervisor.process(
            name,
            [programs.require("pgbouncer"), file],
            directory=directory,
            account=unprivileged.account(),
            stop_signal=signal.SIGTERM,
        )

    def start(self) -> None:
        """Start it on its port; returns when it answers, be there a database or not."""
        self.process.start()
        self.process.wait_until(self.answers, 10, "its console")

    def stop(self) -> None:
        """End it at once; clients are cut off."""
        self.process.stop()

    def url(self, database: str) -> str:
        """The DATABASE_URL of a database of the cluster, through the pooler."""
        return f"postgres://{USER}@{HOST}:{self.port}/{database}"

    def answers(self) -> bool:
        """Whether its console, which needs no database, lets us in."""
        try:
            self.console("SHOW VERSION")
        except psycopg.OperationalError:
            return False
        return True

    def console(self, command: str) -> list[tuple[object, ...]]:
        """Run a command of the admin console: PAUSE, RESUME, RECONNECT, SHOW ..."""
        # It speaks the simple protocol alone, and knows no BEGIN.
        with psycopg.connect(
            self.url("pgbouncer"),
            connect_timeout=2,
            autocommit=True,
            cursor_factory=psycopg.ClientCursor,
        ) as connection:
            cursor = connection.execute(command.encode())
            return list(cursor.fetchall()) if cursor.description else []
