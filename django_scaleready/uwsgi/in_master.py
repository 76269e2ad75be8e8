"""Imported by uWSGI's master before it forks anything (``shared-import``): what all will share."""

from __future__ import annotations

import os
import signal
import sys
import traceback
from importlib import import_module
from typing import Final

import uwsgi  # in uWSGI's own interpreter alone

from django_scaleready.declarations import from_environment
from django_scaleready.replica_state import replica
from django_scaleready.uwsgi.heard import Heard
from django_scaleready.uwsgi.traces import Traces


def _after_fork() -> None:
    HEARD.leave_to_the_master()
    if worker := uwsgi.worker_id():
        TRACES.arm(worker)


try:
    # The keeper needs it, and would start again and again with a bad LOG_LEVEL.
    import_module("django_scaleready.settings.logging")
    LADDER: Final = from_environment()
    HEARD: Final = Heard()
    TRACES: Final = Traces(uwsgi.numproc)
    replica.share()
    HEARD.listen((signal.SIGTERM, signal.SIGHUP))
    # Not os.register_at_fork: with py-call-osafterfork, which it needs, nothing that uWSGI forks
    # survives on Python 3.13.
    uwsgi.post_fork_hook = _after_fork
except Exception:  # noqa: BLE001 - uWSGI would print it and go on, with a master deaf to SIGTERM
    traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)
