"""A program that uses the kit's DATABASES from several threads and prints what it saw as JSON."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor

import django
import psycopg
from django.conf import settings
from django.db import DatabaseError

from django_scaleready.settings import database

THREADS = 8
ROUNDS = 10


def iterate(_: int) -> list[str]:
    """Read a few rows two at a time, outside a transaction; return the errors."""
    from django.contrib.contenttypes.models import ContentType

    errors = []
    for _ in range(ROUNDS):
        try:
            assert len(list(ContentType.objects.order_by("pk").iterator(chunk_size=2))) >= 4
        except (DatabaseError, psycopg.Error) as error:  # the driver's own, where it is not wrapped
            errors.append(type(error).__name__)
            connection().close()
    return errors


def connection(alias: str = "default"):  # type: ignore[no-untyped-def]  # the backend's own class
    from django.db import connections

    return connections[alias]


def scalar(sql: str, alias: str = "default") -> object:
    with connection(alias).cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def pooled(alias: str) -> bool:
    """A pooler stands in between if the process that answers is not the one connected to."""
    pid = scalar("SELECT pg_backend_pid()", alias)
    return bool(pid != connection(alias).connection.info.backend_pid)


def main() -> None:
    settings.configure(
        DATABASES=database.DATABASES,
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth"],
        USE_TZ=True,
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", database="direct", verbosity=0)
    with ThreadPoolExecutor(THREADS) as threads:
        errors = [error for found in threads.map(iterate, range(THREADS)) for error in found]
    report = {
        "errors": errors,
        "pooled": {alias: pooled(alias) for alias in ("default", "direct")},
        "application_name": scalar("SHOW application_name"),
        "statement_timeout": {
            alias: scalar("SHOW statement_timeout", alias) for alias in ("default", "direct")
        },
    }
    json.dump(report, sys.stdout)


if __name__ == "__main__":
    main()
