"""What to change where a promise did not hold, and which rules of the check explain it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Rule(NamedTuple):
    """A rule of ``check --deploy-scale``; a string is all that the drill knows of it."""

    id: str
    slug: str


@dataclass(frozen=True)
class Advice:
    """One thing to do."""

    text: str
    rules: tuple[Rule, ...] = ()


DB_SQLITE = Rule("scaleready.E001", "db-sqlite")
CACHE_LOCAL = Rule("scaleready.E002", "cache-local")
SESSION_LOCAL = Rule("scaleready.E004", "session-local")
MEDIA_LOCAL = Rule("scaleready.E006", "media-local")
LOG_FILE = Rule("scaleready.E009", "log-file")
LOG_NO_STDOUT = Rule("scaleready.W010", "log-no-stdout")
CONN_MAX_AGE = Rule("scaleready.W016", "conn-max-age")
CONN_TIMEOUT = Rule("scaleready.I017", "conn-timeout")
SERVER_SIDE_CURSORS = Rule("scaleready.E018", "server-side-cursors")
STARTUP_IO = Rule("scaleready.W066", "startup-io")
PROCESS_DICT_CACHE = Rule("scaleready.E061", "process-dict-cache")
HTTP_NO_TIMEOUT = Rule("scaleready.W073", "http-no-timeout")
SIGNAL_SWALLOWED = Rule("scaleready.W095", "signal-swallowed")
GRACE_TOO_SHORT = Rule("scaleready.E100", "grace-too-short")
LADDER = Rule("scaleready.E110", "ladder")
RULES = tuple(value for value in list(globals().values()) if isinstance(value, Rule))

_DRAIN = Advice(
    "Let a replica leave the balancer before it stops: start gunicorn with"
    " -c python:django_scaleready.gunicorn (for uWSGI, uvicorn and granian the documentation says"
    " how), have the balancer ask /readyz, and keep the drain longer than its interval times"
    " failures (manage.py scaleready ladder draws it).",
    (LADDER, SIGNAL_SWALLOWED, GRACE_TOO_SHORT),
)
_ELSEWHERE = Advice(
    "Let the balancer send elsewhere what a lost replica refused (HAProxy: option redispatch and"
    " retry-on conn-failure), and ask for readiness often enough to notice.",
)
_REPLACED = Advice(
    "Run the server with a master process that replaces its workers: gunicorn does, uwsgi with"
    " master = true.",
)
_POST_TWICE = Advice(
    "Somebody sends a POST again whose answer was lost. Let the balancer retry only what was"
    " refused (HAProxy: retry-on conn-failure; nginx: no non_idempotent).",
)
_REDIS = Advice(
    'A page must outlive its cache: SESSION_ENGINE = "django_scaleready.sessions", and for the'
    " cache socket time-outs below a second and IGNORE_EXCEPTIONS, as"
    " `from django_scaleready.settings import *` sets them.",
    (CACHE_LOCAL, SESSION_LOCAL),
)
_DATABASE = Advice(
    "A connection to the old server is used again: set CONN_HEALTH_CHECKS = True with"
    " CONN_MAX_AGE, and a connect_timeout, so that one that does not answer is given up.",
    (CONN_MAX_AGE, CONN_TIMEOUT),
)
_HUNG_WORKER = Advice(
    "A worker that hangs must be replaced: gunicorn's timeout ends it (the kit's configuration"
    " sets it from REQUEST_TIMEOUT); more than one worker a replica leaves one to answer.",
    (HTTP_NO_TIMEOUT,),
)
_STDOUT = Advice(
    "A log that nobody reads must not hold up requests: `from django_scaleready.settings import *`"
    " gives LOGGING a handler that drops and counts instead of waiting.",
    (LOG_NO_STDOUT,),
)
_SLOW_CLIENT = Advice(
    "A client that dawdles holds a thread. Let the balancer buffer requests (HAProxy: option"
    " http-buffer-request; nginx does by default), or use threads: gunicorn -k gthread.",
)
_GATE = Advice(
    'Let a release that cannot work stop at its first replica: put "django_scaleready" into'
    " INSTALLED_APPS and its ProbeMiddleware first, and have the deployment wait for /startupz.",
)
_SESSION = Advice(
    "Keep sessions where every replica reads them:"
    ' SESSION_ENGINE = "django_scaleready.sessions", on a shared database.',
    (SESSION_LOCAL, CACHE_LOCAL, DB_SQLITE),
)

# (scenario, topic), else ("", topic).
_TABLE: dict[tuple[str, str], Advice] = {
    ("", "nothing"): Advice(
        "Name paths that answer, in a file for --paths; `--help` shows one.",
    ),
    ("", "cut"): _DRAIN,
    ("", "error"): Advice(
        "A view raises: the replicas' logs hold the traceback (--keep leaves them).",
    ),
    ("", "timeout"): Advice(
        "Something waits without an end: give every call that leaves the process a time-out.",
        (HTTP_NO_TIMEOUT, CONN_TIMEOUT),
    ),
    ("", "wrong"): _SESSION,
    ("", "slow"): Advice(
        "Find what the slow pages wait for: the access log has the duration of each request.",
    ),
    ("", "recovery"): _DRAIN,
    ("", "back"): Advice(
        "A replica has to come back by itself after it was asked to end, or was killed; its log"
        " says why it did not. A start that waits for a service that is away is a common reason.",
        (STARTUP_IO,),
    ),
    ("", "twice"): _POST_TWICE,
    ("", "vanished"): Advice(
        "A success was answered before the work was done: find what answers instead of the view.",
    ),
    ("baseline", "error"): Advice(
        "These pages fail without any fault. Look into the replicas' logs (--keep leaves them), or"
        " name others in a file for --paths.",
    ),
    ("hop", "session"): _SESSION,
    ("hop", "row"): Advice(
        "One database for all replicas: DATABASE_URL=postgres://...", (DB_SQLITE,)
    ),
    ("hop", "upload"): Advice(
        "Put uploads into a store that every replica reads: MEDIA_S3_BUCKET for the kit's"
        " STORAGES, or a shared volume.",
        (MEDIA_LOCAL,),
    ),
    ("hop", "cache"): Advice(
        "One cache for all replicas: REDIS_URL=redis://..., so that what one invalidates is gone"
        " for the others.",
        (CACHE_LOCAL, PROCESS_DICT_CACHE),
    ),
    ("hop", "log"): Advice(
        "Log to stdout: a file goes with the replica that wrote it.", (LOG_FILE, LOG_NO_STDOUT)
    ),
    ("replica-killed", "cut"): _ELSEWHERE,
    ("replica-killed", "timeout"): _ELSEWHERE,
    ("worker-killed", "worker"): _REPLACED,
    ("worker-hung", "worker"): _HUNG_WORKER,
    ("worker-hung", "cut"): _HUNG_WORKER,
    ("worker-hung", "timeout"): _HUNG_WORKER,
    ("worker-hung", "recovery"): _HUNG_WORKER,
    ("stdout-blocked", "cut"): _STDOUT,
    ("stdout-blocked", "timeout"): _STDOUT,
    ("stdout-blocked", "slow"): _STDOUT,
    ("slow-client", "cut"): _SLOW_CLIENT,
    ("slow-client", "timeout"): _SLOW_CLIENT,
    ("slow-client", "slow"): _SLOW_CLIENT,
    ("bad-deployment", "gate"): _GATE,
    ("bad-deployment", "reason"): _GATE,
    **{(f"redis-{how}", topic): _REDIS for how in ("refused", "hung", "restarted")
       for topic in ("cut", "error", "timeout", "slow", "recovery")},
    **{(name, topic): _DATABASE
       for name in ("postgres-restarted", "postgres-paused", "pgbouncer-restarted")
       for topic in ("cut", "error", "timeout", "recovery")},
}  # fmt: skip
_ELSE = Advice("The replicas' logs say more (--keep leaves them).")


def advise(scenario: str, topics: Iterable[str]) -> list[Advice]:
    """What to do about these topics, each thing once."""
    found = [_TABLE.get((scenario, topic)) or _TABLE.get(("", topic), _ELSE) for topic in topics]
    return list(dict.fromkeys(found))
