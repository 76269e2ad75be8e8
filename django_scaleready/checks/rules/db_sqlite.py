"""SQLite keeps the database in a file, so each replica has one of its own.

A user who signs up on one replica does not exist on the next, and every deploy that replaces the
disk starts with an empty database. A network file system is no way out: SQLite's locks do not hold
there.

## Bad

```python title="settings.py"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "db.sqlite3"}}
```

## Good

```python title="settings.py"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "shop"}}
```

## Stays silent when

- the file is opened read-only (`"NAME": "file:words.db?mode=ro"`): that is data shipped with the
  code;
- it is the default of a variable without which the server's start script ends, or that it exports
  with the address of another database: `export DATABASE_URL="postgres://$USER@$HOST/shop"` (`scan`
  only);
- it is the default of variables by which a compose file tells all that serves of another database,
  unless there are pods that lack them, or by which it tells one service what pods of images that
  are not built here are told, too (`scan` only);
- it is the default of a variable that a playbook of Ansible's writes into a file of variables,
  likewise (`scan` only).

An alias other than `default` is a warning: it may hold what each replica can rebuild. So is one
that code adds as it runs: `connections.databases["words"] = {...}`. `default` is information where
the project loads MySQL's driver itself, by `import MySQLdb` or `pymysql.install_as_MySQLdb()`: then
SQLite stands where a deployment names MySQL. So is what no process can open: SQLite refuses the
options of other drivers, such as `sslmode` or `charset`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django_scaleready.checks.base import Confidence, Finding, Leak, Rule, Severity
from django_scaleready.checks.code.queries.added_databases import added_databases

if TYPE_CHECKING:
    from django_scaleready.checks.live import Database
    from django_scaleready.checks.project import Project

SLUG = "db-sqlite"
# Django's backend for MySQL asks for the first; the second puts another driver in its place.
MYSQL = ("MySQLdb", "install_as_MySQLdb")
# What psycopg, libpq and MySQLdb are told, and sqlite3.connect() knows no argument for.
FOREIGN = frozenset(
    [
        *("application_name", "channel_binding", "client_encoding", "connect_timeout"),
        *("gssencmode", "keepalives", "keepalives_count", "keepalives_idle"),
        *("keepalives_interval", "options", "passfile"),
        *("pool", "prepare_threshold", "server_side_binding", "service", "sslcert", "sslkey"),
        *("sslmode", "sslrootcert", "target_session_attrs", "tcp_user_timeout"),
        *("charset", "collation", "read_default_file", "read_default_group", "read_timeout"),
        *("sql_mode", "ssl", "ssl_mode", "unix_socket", "use_unicode", "write_timeout"),
    ]
)


def find(project: Project) -> Iterator[Finding]:
    """Yield each SQLite database that can be written, of the settings and of the code."""
    for _, _, place in project.noted(SLUG):
        yield Finding(
            message="A process adds a SQLite database here: each replica has its own file.",
            hint="Keep the rows in the database that all share, or ship the file with the code.",
            location=place,
            severity=Severity.WARNING,
            confidence=Confidence.MEDIUM,
        )
    for database in project.databases:
        name = str(database.config["NAME"])
        if database.vendor != "sqlite" or "mode=ro" in name or "immutable=1" in name:
            continue
        default = database.alias == "default"
        stands_in = (default and _brings_mysql(project)) or _is_refused(database)
        yield Finding(
            message=(
                f"The database {database.alias!r} is SQLite: each replica has its own, and what one"
                " writes the others never see."
            ),
            hint="Use PostgreSQL or MySQL; with the kit's settings, set DATABASE_URL.",
            location=project.where("DATABASES", database.alias),
            severity=_severity(default, stands_in),
            confidence=Confidence.HIGH if default and not stands_in else Confidence.MEDIUM,
        )


def _severity(default: bool, stands_in: bool) -> Severity:
    if stands_in:
        return Severity.INFO
    return Severity.ERROR if default else Severity.WARNING


def _is_refused(database: Database) -> bool:
    """Whether no process can connect, so that a deployment is sure to name another database."""
    own = database.config["ENGINE"].startswith("django.")
    return own and not FOREIGN.isdisjoint(database.options)


def _brings_mysql(project: Project) -> bool:
    """Whether the project loads MySQL's driver itself, which it need not with any other engine."""
    return any(
        name in source.mentions or name in source.imported
        for source in project.code
        for name in MYSQL
    )


RULE = Rule("scaleready.E001", SLUG, find, collect=added_databases, leak=Leak.DATA)
