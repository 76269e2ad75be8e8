"""What a worker and a beat do otherwise than by themselves; connected when the app is loaded."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any

from celery.signals import celeryd_after_setup, setup_logging


def keep_logging(**_: Any) -> None:
    """Leave logging as the project's ``LOGGING`` has set it up, for worker, children and beat.

    Without a receiver Celery gives the root logger a handler of its own, and tasks another: lines
    that the collector of the JSON lines cannot read. ``LOG_LEVEL`` decides then, not
    ``--loglevel``. Past all logging go the banner, which ``celery --quiet`` leaves out, and what
    the worker's signal handler writes, ``worker: Warm shutdown``.
    """


def settle_patiently(**_: Any) -> None:
    """In a worker, before it opens a channel."""
    # The web processes, which load the app too, need no transport for it.
    import_module("django_scaleready.celery.acknowledging").use()


def connect() -> None:
    """Connect the receivers. Django has applied ``LOGGING`` by now.

    A project whose root logger has no handler would have a worker that says nothing: there Celery
    may set up its own.
    """
    celeryd_after_setup.connect(
        settle_patiently, dispatch_uid="django_scaleready.celery.settle_patiently"
    )
    if logging.getLogger().handlers:
        setup_logging.connect(keep_logging, dispatch_uid="django_scaleready.celery.keep_logging")
