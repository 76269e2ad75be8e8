"""All replicas share one database, through a transaction pooler unless told otherwise.

Reads DATABASE_URL, DATABASE_DIRECT_URL, DATABASE_POOLER, DATABASE_CONN_MAX_AGE,
DATABASE_CONNECT_TIMEOUT, DATABASE_POOL_MAX_SIZE, DJANGO_SETTINGS_MODULE, SCALEREADY_ROLE, and of
the ladder SCALEREADY_CONNECT_TIMEOUT, _STATEMENT_TIMEOUT, _REQUEST_TIMEOUT, _GRACE_PERIOD.
Sets DATABASES, DATABASE_POOLER.

Options in the query of a URL win over those below: ``?sslmode=verify-full&connect_timeout=3``.
Several hosts, as libpq takes them: ``postgres://app:...@a:6432,b:6432/app?load_balance_hosts=random``
survives the loss of one pooler (libpq 16 or later).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from environ import Env

from django_scaleready.budget import Ladder
from django_scaleready.declarations import from_environment
from django_scaleready.env import env

__all__ = ["DATABASES", "DATABASE_POOLER"]

# The default is the strictest mode: what survives a transaction pooler also works without one, the
# other way round fails under load and not before.
DATABASE_POOLER: str = env.choice(
    "DATABASE_POOLER", ("transaction", "session", "none"), "transaction"
)

# A silent SQLite file behind a balancer is one database per replica: missing in production, the
# process does not start.
_default: dict[str, Any] = env.database(
    "DATABASE_URL",
    development="sqlite:///db.sqlite3",
    placeholder="postgres://build.invalid:5432/build",
)
_direct: dict[str, Any] | None = (
    env.database("DATABASE_DIRECT_URL", development="", placeholder="")
    if env.text("DATABASE_DIRECT_URL", "")
    else None
)
_postgresql: frozenset[str] = frozenset(Env.DB_SCHEMES[name] for name in Env.POSTGRES_FAMILY)

# Only where requests are served: Celery throws the pool away after each task, and a command would
# open connections that it never uses.
_pool_max: int = env.whole("DATABASE_POOL_MAX_SIZE", 0)
_pool_size: int = _pool_max if env.role() == "web" else 0

_ladder: Ladder = from_environment()

_options: dict[str, Any] = {
    # A connection that nobody can name is nobody's to close: pg_stat_activity says who holds it.
    # As a connection parameter it passes a pooler; never in "options", which PgBouncer refuses.
    "application_name": (
        f"{env.text('DJANGO_SETTINGS_MODULE', '').partition('.')[0] or 'django'}-{env.role()}"
    ),
    # A host that drops packets held a request for 130 s in connect() (measured).
    "connect_timeout": _ladder.connect_timeout,
    # And for more than 150 s in flight. Keepalives bound the request in flight, tcp_user_timeout
    # (milliseconds) the next one; with both and the above it took 3 to 6 s (measured).
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 15000,
}

_pooled_options: dict[str, Any] = {
    **_options,
    # A statement prepared on one server connection is looked for on another: 100 of 600 queries
    # failed through PgBouncer 1.18 (measured). psycopg 2 has no such parameter and no such problem.
    **(
        {"prepare_threshold": None}
        if DATABASE_POOLER == "transaction" and find_spec("psycopg") is not None
        else {}
    ),
    # A statement that outlives its request holds a connection, and locks, for nobody. Only where
    # requests are served: a migration takes as long as it takes. And only without a pooler, which
    # refuses startup options; there the time-out belongs to the role: ALTER ROLE ... SET.
    **(
        {"options": f"-c statement_timeout={round(_ladder.statement_timeout * 1000)}"}
        if DATABASE_POOLER == "none" and env.role() == "web"
        else {}
    ),
    # A bound on each process, and connections that are made before a request needs them.
    # The default time-out of 30 s is longer than a balancer waits.
    **(
        {"pool": {"min_size": min(2, _pool_size), "max_size": _pool_size, "timeout": 5}}
        if _pool_size
        else {}
    ),
}

DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        # A connection per request costs 16 to 22 times a simple query (measured), through a pooler
        # too. Not in development, where each request has a thread of its own to keep one open, and
        # not with a pool, which does the keeping.
        "CONN_MAX_AGE": (
            0 if _pool_size else env.whole("DATABASE_CONN_MAX_AGE", 60 if env.production else 0)
        ),
        # After a restart of the database each kept connection fails one request; checked, none.
        "CONN_HEALTH_CHECKS": True,
        # A named cursor lives on one server connection and is fetched from another: 60 of 60
        # iterators failed through a transaction pooler (measured).
        "DISABLE_SERVER_SIDE_CURSORS": DATABASE_POOLER == "transaction",
        **_default,
        "OPTIONS": {
            **(_pooled_options if _default["ENGINE"] in _postgresql else {}),
            **_default.get("OPTIONS", {}),
        },
    },
    # Past the pooler, for what needs a connection of its own: migrations, LISTEN, session locks,
    # long iterators.
    **(
        {
            "direct": {
                **_direct,
                "OPTIONS": {
                    **(_options if _direct["ENGINE"] in _postgresql else {}),
                    **_direct.get("OPTIONS", {}),
                },
                # Two aliases, one database: the test run must not make a second one.
                "TEST": {"MIRROR": "default"},
            }
        }
        if _direct
        else {}
    ),
}
