"""Celery's broker: can a task be sent?"""

from __future__ import annotations

import sys
from typing import Any

from django_scaleready.probes.members import CheckFailedError

# In this process alone: nothing to reach.
_LOCAL = ("memory://", "filesystem://")


def celery_app() -> Any | None:
    """Return the Celery app that the project has made, None if it has made none.

    ``celery.current_app`` would make one, and ask a broker that nobody declared.
    """
    state = sys.modules.get("celery._state")
    return state and (state._tls.current_app or state.default_app)


def declared() -> bool:
    """Whether the project sends tasks to a broker."""
    app = celery_app()
    if app is None or app.conf.task_always_eager:
        return False
    url = str(app.conf.broker_write_url or app.conf.broker_url or "")
    return bool(url) and not url.startswith(_LOCAL)


class Broker:
    """Log in to the broker, with the project's own options."""

    def __call__(self) -> None:
        app = celery_app()
        if app is None:
            raise CheckFailedError("the project has made no Celery app in this process")
        with app.connection_for_write() as connection:
            # connect() would sleep two seconds between two tries.
            connection.ensure_connection(max_retries=1, interval_start=0, interval_step=0)
