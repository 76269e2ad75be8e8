"""Database connections under ASGI."""

from __future__ import annotations

import logging

from django.db import connections

logger = logging.getLogger("django_scaleready.web_worker")


def end_with_the_request() -> None:
    """Make ``CONN_MAX_AGE`` 0 for every alias, as Django requires it under ASGI.

    Each request runs in a thread of its own there. A connection that is kept is kept for a thread
    which has ended: no other request uses it, and nobody closes it before the garbage collector
    comes by. Settings cannot know by which interface they will be served, so it is done here.
    A pool (``OPTIONS["pool"]``) keeps connections across threads and needs 0 anyway.
    """
    kept = [alias for alias in connections if connections.settings[alias]["CONN_MAX_AGE"] != 0]
    for alias in kept:
        connections.settings[alias]["CONN_MAX_AGE"] = 0
    if kept:
        logger.info(
            "CONN_MAX_AGE is 0 under ASGI, whatever the settings say, for: %s", ", ".join(kept)
        )
