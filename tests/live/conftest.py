"""Real services, one of each for the whole session (for each process of pytest, where there are
several); they end with it, however it ends.

A test that stops or freezes a service makes one of its own.
"""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from support.example import EXAMPLE, PASSWORD

from django_scaleready.drill.project import Project
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.services.pgbouncer import PgBouncer
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.s3 import S3
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.stack import Stack
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


@pytest.fixture(scope="session")
def castaway(
    services: Supervisor, shared_postgres: Postgres, shared_valkey: Valkey, shared_s3: S3
) -> Project:
    """example_project/after in production, migrated and seeded; nothing of it runs."""
    stack = Stack(shared_postgres, shared_valkey, shared_s3)
    environment = {
        **stack.environment("castaway"),
        "CELERY_WORKER_CONCURRENCY": "1",
        "DEMO_PASSWORD": PASSWORD,
        "DEMO_ROUTES": "1",
        "REPORT_INTERVAL": "2",
        # Who tests the drain sets it; for all others each end would take its seconds.
        "SCALEREADY_DRAIN": "0",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "STATIC_ROOT": str(services.folder("static")),
        "WEB_CONCURRENCY": "1",
    }
    project = Project(services, EXAMPLE / "after", "castaway", environment)
    project.manage("migrate", "--verbosity", "0")
    project.manage("collectstatic", "--noinput", "--verbosity", "0")
    project.manage("seed_demo")
    return project


@pytest.fixture
def own_valkey(supervisor: Supervisor) -> Valkey:
    """For the test alone, to be killed and restarted."""
    valkey = Valkey(supervisor)
    valkey.start()
    return valkey


@pytest.fixture
def after(castaway: Project, supervisor: Supervisor, own_valkey: Valkey) -> Project:
    """``castaway`` on ``own_valkey``; what is started of it ends with the test."""
    environment = {**castaway.environment, "REDIS_URL": own_valkey.url()}
    return replace(castaway, supervisor=supervisor, environment=environment)


@pytest.fixture
def replicas(after: Project) -> list[Replica]:
    """Two replicas of ``after``, ready."""
    started = [after.replica("a"), after.replica("b")]
    for replica in started:
        replica.start()
    for replica in started:
        replica.wait()
    return started
