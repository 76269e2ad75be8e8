"""The kit's DATABASES through a real PgBouncer, whose server connections rotate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import Postgres

pytestmark = [pytest.mark.live, pytest.mark.needs("pgbouncer")]

TESTS = Path(__file__).resolve().parent.parent


def use(postgres: Postgres, pooler: PgBouncer, **variables: str) -> Any:
    done = subprocess.run(
        [sys.executable, str(TESTS / "support" / "database_site.py")],
        env={
            "PATH": os.environ["PATH"],
            "DATABASE_URL": pooler.url("postgres"),
            "DATABASE_DIRECT_URL": postgres.url("postgres"),
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
    pool: str, shared_postgres: Postgres, shared_pgbouncer: PgBouncer
) -> None:
    assert use(shared_postgres, shared_pgbouncer, DATABASE_POOL_MAX_SIZE=pool) == {
        "errors": [],
        "pooled": {"default": True, "direct": False},
        "application_name": "shop-web",
        # PgBouncer would refuse the connection.
        "statement_timeout": {"default": "0", "direct": "0"},
    }


def test_without_a_pooler_a_statement_does_not_outlive_its_request(
    shared_postgres: Postgres, shared_pgbouncer: PgBouncer
) -> None:
    seen = use(
        shared_postgres,
        shared_pgbouncer,
        DATABASE_URL=shared_postgres.url("postgres"),
        DATABASE_POOLER="none",
        SCALEREADY_STATEMENT_TIMEOUT="2.5",
    )
    assert seen["errors"] == []
    # Migrations take as long as they take.
    assert seen["statement_timeout"] == {"default": "2500ms", "direct": "0"}


def test_the_connections_really_rotate(
    shared_postgres: Postgres, shared_pgbouncer: PgBouncer
) -> None:
    # Declared as "no pooler", the named cursors of the iterators are not found again. As a command:
    # the web role would set a statement_timeout, and PgBouncer refuse it at once.
    as_command = {"DATABASE_POOLER": "none", "SCALEREADY_ROLE": "manage"}
    errors = use(shared_postgres, shared_pgbouncer, **as_command)["errors"]
    assert len(errors) > 40
