"""Real services, one of each for the whole session; they end with it, however it ends.

A test that stops or freezes a service makes one of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest

from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.supervisor import Supervisor


@pytest.fixture(scope="session")
def services() -> Iterator[Supervisor]:
    """Owns the services of the session."""
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture
def supervisor(services: Supervisor) -> Iterator[Supervisor]:
    """Owns the processes of one test; they end before the services do."""
    with Supervisor() as supervisor:
        yield supervisor


@pytest.fixture(scope="session")
def shared_postgres(services: Supervisor) -> Postgres:
    postgres = Postgres(services)
    postgres.start()
    return postgres


@pytest.fixture(scope="session")
def shared_valkey(services: Supervisor) -> Valkey:
    valkey = Valkey(services)
    valkey.start()
    return valkey


@pytest.fixture(scope="session")
def shared_s3(services: Supervisor) -> S3:
    s3 = S3(services)
    s3.start()
    return s3


@pytest.fixture(scope="session")
def shared_pgbouncer(services: Supervisor, shared_postgres: Postgres) -> PgBouncer:
    """In transaction mode, its server connections rotating. Mark: ``needs("pgbouncer")``."""
    pgbouncer = PgBouncer(services, shared_postgres)
    pgbouncer.start()
    return pgbouncer


@pytest.fixture(scope="session")
def new_database(shared_postgres: Postgres) -> Callable[[], str]:
    """Makes an empty database and returns its name."""
    numbers = itertools.count(1)

    def make() -> str:
        name = f"database_{next(numbers)}"
        shared_postgres.create_database(name)
        return name

    return make
