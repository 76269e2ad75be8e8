"""What a replica has to say goes to stdout, one JSON object a line, before the replica is gone.

Reads LOG_LEVEL, LOG_FORMAT, LOG_STREAM, DEBUG, SCALEREADY_PROBE_PREFIX.
Sets LOGGING, LOGGING_CONFIG.
"""

from __future__ import annotations

from typing import Any

from django_scaleready.env import env
from django_scaleready.probe_paths import prefix_of_environment

__all__ = ["LOGGING", "LOGGING_CONFIG"]

_level: str = env.choice("LOG_LEVEL", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"), "INFO")
_format: str = env.choice(
    "LOG_FORMAT", ("json", "console"), "json" if env.production else "console"
)

# A command whose stdout is data (``manage.py dumpdata > file``) needs its log elsewhere.
_stream: str = env.choice("LOG_STREAM", ("stdout", "stderr"), "stdout")

# The formatters need it, and logging says of what they raise that it cannot configure them.
_prefix: str = prefix_of_environment()

# Django's default applies the dictionary alone; a warning would be printed to stderr, as text.
LOGGING_CONFIG = "django_scaleready.logs.configure.configure"

LOGGING: dict[str, Any] = {
    "version": 1,
    # The default, True, silences gunicorn, whose loggers exist before Django configures its own.
    "disable_existing_loggers": False,
    "filters": {
        # The probes of a balancer would bury the requests of people. Failed ones are kept.
        "answered_probes": {"()": "django_scaleready.logs.access.DropAnsweredProbes"},
    },
    "formatters": {
        # A traceback of forty lines is forty records to a collector, mixed with those of others.
        "json": {"()": "django_scaleready.logs.formatters.JSONFormatter"},
        "console": {"()": "django_scaleready.logs.formatters.ConsoleFormatter"},
    },
    "handlers": {
        # A StreamHandler blocks the worker once nobody reads the pipe.
        "output": {
            "()": "django_scaleready.logs.handlers.OutputHandler",
            "stream": _stream,
            "formatter": _format,
            "filters": ["answered_probes"],
        },
    },
    # In production Django prints nothing for a 500: its console handler wants DEBUG, and the
    # root logger has no handler at all.
    "root": {"level": _level, "handlers": ["output"]},
    # Each of these brings handlers of its own, or its owner adds some: without the empty list a
    # record is written twice, without propagate not at all. NOTSET: LOG_LEVEL decides for them too.
    "loggers": {
        **{
            name: {"level": "NOTSET", "handlers": [], "propagate": True}
            for name in ("django", "django.server", "gunicorn.access", "celery", "py.warnings")
        },
        # Its level is gunicorn's own --log-level.
        "gunicorn.error": {"handlers": [], "propagate": True},
    },
}
