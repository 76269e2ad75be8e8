"""The log of gunicorn's uvicorn worker, in the words of the others.

The worker gives uvicorn's loggers gunicorn's handlers and cuts them off the root; the kit's one
handler is the root's, so an error would be printed past it and a request not at all.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from urllib.parse import unquote

from django_scaleready.logs.access import LOGGER


def connect() -> None:
    """Have uvicorn's records go where gunicorn's go."""
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).propagate = True
    logging.getLogger("uvicorn.access").addFilter(_AsGunicorn())


class _AsGunicorn(logging.Filter):
    """Makes of uvicorn's access record one of gunicorn's; it knows neither duration nor size."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not isinstance(record.args, tuple):
            return True
        client, method, target, _, status = record.args
        record.name = LOGGER
        record.msg = "%(m)s %(U)s %(s)s"
        record.args = defaultdict(
            lambda: "-",
            {
                "h": str(client).rpartition(":")[0],
                "m": method,
                "U": unquote(str(target).partition("?")[0]),
                "{raw_uri}e": target,
                "s": str(status),
            },
        )
        return True
