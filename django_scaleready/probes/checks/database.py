"""Databases: do they answer, take a write, hold every migration, agree on the time?

Each asks the connection of the thread it runs in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import DEFAULT_DB_ALIAS, Error, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from django_scaleready.probes.members import CheckFailedError, amount

# Seconds since 1970, by the server's clock and not by the beginning of a transaction.
_EPOCH = {
    "postgresql": "SELECT EXTRACT(EPOCH FROM clock_timestamp())",
    "mysql": "SELECT UNIX_TIMESTAMP(NOW(6))",
}


def _row(connection: BaseDatabaseWrapper, query: str) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


@dataclass(frozen=True, slots=True)
class Database:
    """Ask a database for one row.

    A connection left over from before a restart of the database fails once and is replaced. Without
    ``CONN_HEALTH_CHECKS`` a database that is back would otherwise be reported as away.
    """

    alias: str = DEFAULT_DB_ALIAS

    def __call__(self) -> None:
        connection = connections[self.alias]
        # Oracle has no SELECT without a table.
        query = f"SELECT 1{connection.features.bare_select_suffix}"
        kept = connection.connection is not None
        try:
            _row(connection, query)
        except Error:
            if not kept or connection.is_usable():
                raise
        else:
            return
        connection.close()
        _row(connection, query)


@dataclass(frozen=True, slots=True)
class DatabaseWrite:
    """Write a row and roll it back.

    Fails on a standby, a full disk, a lost privilege. The row goes into ``django_migrations``,
    which every project has: the role needs INSERT on it. It leaves a dead tuple behind.
    """

    alias: str = DEFAULT_DB_ALIAS

    def __call__(self) -> None:
        Database(self.alias)()
        migration = MigrationRecorder(connections[self.alias]).Migration
        with transaction.atomic(using=self.alias):
            migration.objects.using(self.alias).create(app="scaleready", name="probe")
            transaction.set_rollback(True, using=self.alias)


class Migrations:
    """Is every migration of a database applied? Remembers a yes.

    Reading the migrations of all apps from disk takes long and a yes does not turn into a no
    while a process lives, so the graph is built until the first yes and never again.
    """

    def __init__(self, alias: str = DEFAULT_DB_ALIAS) -> None:
        self.alias = alias
        self._applied = False

    def __call__(self) -> None:
        if self._applied:
            return
        executor = MigrationExecutor(connections[self.alias])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            first = plan[0][0]
            raise CheckFailedError(
                f"{len(plan)} unapplied migrations, the first is {first.app_label}.{first.name}"
            )
        self._applied = True


@dataclass(frozen=True, slots=True)
class Clock:
    """Does this machine agree with the database's on the time, within ``seconds``?

    Signatures, tokens and the visibility of tasks depend on it. A database in this process (SQLite)
    has no clock of its own; one that is not known here is not asked.
    """

    alias: str = DEFAULT_DB_ALIAS
    seconds: float = 5.0
    now: Callable[[], float] = time.time

    def __post_init__(self) -> None:
        amount("seconds", self.seconds)

    def __call__(self) -> None:
        connection = connections[self.alias]
        query = _EPOCH.get(connection.vendor)
        if query is None:
            return
        before = self.now()
        (theirs,) = _row(connection, query)
        # What was on the way for long may be off by as much.
        ours, uncertain = (before + self.now()) / 2, (self.now() - before) / 2
        if abs(float(theirs) - ours) > self.seconds + uncertain:
            raise CheckFailedError(f"{ours - float(theirs):+.1f} s from the database's clock")
