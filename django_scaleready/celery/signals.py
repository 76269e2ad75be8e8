"""Connected when the app is loaded: what a worker and a beat do otherwise than by themselves."""

from __future__ import annotations

from typing import Any

from celery.signals import setup_logging


@setup_logging.connect(dispatch_uid="django_scaleready.celery.keep_logging")
def keep_logging(**_: Any) -> None:
    """Leave logging as the project's ``LOGGING`` has set it up, for worker, children and beat.

    Without a receiver Celery gives the root logger a handler of its own, and each task a format of
    its own: lines that the collector of the JSON lines cannot read. ``LOG_LEVEL`` decides, and not
    ``--loglevel``.
    """
