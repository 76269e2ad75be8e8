from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

from django_scaleready.probes.checks.database import Clock, Database, DatabaseWrite, Migrations
from django_scaleready.probes.members import CheckFailedError


@pytest.mark.django_db
def test_a_database_that_answers() -> None:
    with CaptureQueriesContext(connection) as queries:
        Database()()
    assert len(queries) == 1


@pytest.mark.django_db
def test_a_database_that_does_not_answer() -> None:
    def refuse(*args: Any) -> None:
        raise OperationalError("gone")

    with connection.execute_wrapper(refuse), pytest.raises(OperationalError):
        Database()()


@pytest.mark.django_db
def test_applied_migrations_are_looked_up_once() -> None:
    migrations = Migrations()
    migrations()
    with CaptureQueriesContext(connection) as queries:
        migrations()
    assert len(queries) == 0


@pytest.mark.django_db
def test_an_unapplied_migration_is_named_and_looked_up_again() -> None:
    migrations = Migrations()
    newest = "DELETE FROM django_migrations WHERE app = 'sessions'"
    with connection.cursor() as cursor:
        cursor.execute(newest)
    for _ in range(2):
        with pytest.raises(CheckFailedError, match=r"1 unapplied .* sessions\.0001_initial"):
            migrations()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied)"
            " VALUES ('sessions', '0001_initial', '2026-01-01')"
        )
    migrations()


@pytest.mark.django_db
def test_asking_for_migrations_changes_nothing() -> None:
    with CaptureQueriesContext(connection) as queries:
        Migrations()()
    assert {query["sql"].split()[0] for query in queries} <= {"SELECT", "PRAGMA"}


@pytest.mark.django_db
def test_a_write_leaves_nothing_behind() -> None:
    rows = MigrationRecorder(connection).migration_qs.count()
    with CaptureQueriesContext(connection) as queries:
        DatabaseWrite()()
    assert any(query["sql"].startswith("INSERT") for query in queries)
    assert MigrationRecorder(connection).migration_qs.count() == rows


@pytest.mark.django_db
def test_a_write_that_is_refused() -> None:
    def read_only(execute: Any, sql: str, *args: Any) -> Any:
        if sql.startswith("INSERT"):
            raise OperationalError("cannot execute INSERT in a read-only transaction")
        return execute(sql, *args)

    with connection.execute_wrapper(read_only), pytest.raises(OperationalError, match="read-only"):
        DatabaseWrite()()


@pytest.mark.django_db
def test_a_database_without_a_clock_of_its_own_is_not_asked() -> None:
    with CaptureQueriesContext(connection) as queries:
        Clock()()
    assert len(queries) == 0
