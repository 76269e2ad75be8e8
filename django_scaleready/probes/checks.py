"""What a probe can ask. A check returns when all is well and raises when it is not.

Each runs in the calling thread, on that thread's connections. Inside a request Django closes them
by its own rules (``request_started``, ``request_finished``); whoever calls a check from anywhere
else must call ``django.db.close_old_connections`` afterwards.
"""

from __future__ import annotations

from collections.abc import Callable

from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor

Check = Callable[[], None]

CACHE_KEY = "django_scaleready:probe"
CACHE_SECONDS = 60


class CheckFailedError(Exception):
    """A check's own verdict. The message names no host and no secret: the token shows it."""


def database() -> None:
    """Ask the default database for one row.

    A connection left over from before a restart of the database is closed first. Without
    ``CONN_HEALTH_CHECKS`` every thread would otherwise report one failure of a database that is
    back.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    if connection.connection is not None and not connection.is_usable():
        connection.close()
    with connection.cursor() as cursor:
        # Oracle has no SELECT without a table.
        cursor.execute(f"SELECT 1{connection.features.bare_select_suffix}")
        cursor.fetchone()


def cache() -> None:
    """Have the default cache confirm that it reached a key.

    A read proves nothing: with django-redis's ``IGNORE_EXCEPTIONS`` it is None when the key is
    absent and None when the server is. ``touch`` and ``add`` are specified to return whether they
    changed the key. One round trip as a rule (measured on loopback: touch 103 µs, set and get
    218 µs), and no new key for each probe, which would push a small LocMem's own entries out.
    """
    backend = caches[DEFAULT_CACHE_ALIAS]
    reached = backend.touch(CACHE_KEY, CACHE_SECONDS)
    if reached is False:
        # Absent: the first probe in a minute. Another replica may add it between the two calls,
        # so a refused add is followed by one more look.
        reached = backend.add(CACHE_KEY, 1, CACHE_SECONDS) or backend.touch(
            CACHE_KEY, CACHE_SECONDS
        )
    if not reached:
        raise CheckFailedError("the cache confirmed no write; its backend ignored the error")


class Migrations:
    """Is every migration of the default database applied? Remembers a yes.

    Reading the migrations of all apps from disk takes long and a yes does not turn into a no
    while a process lives, so the graph is built until the first yes and never again.
    """

    def __init__(self) -> None:
        self._applied = False

    def __call__(self) -> None:
        if self._applied:
            return
        executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            first = plan[0][0]
            raise CheckFailedError(
                f"{len(plan)} unapplied migrations, the first is {first.app_label}.{first.name}"
            )
        self._applied = True


migrations = Migrations()
