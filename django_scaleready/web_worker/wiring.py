"""Puts the kit's parts into a worker; called by gunicorn's ``post_worker_init``."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import iscoroutinefunction
from django.apps import apps

from django_scaleready.budget import Ladder
from django_scaleready.conf import conf
from django_scaleready.probes import front
from django_scaleready.replica_state import replica
from django_scaleready.web_worker import connections, idle, stuck
from django_scaleready.web_worker.recycling import recycling

# gunicorn's settings, by the figures that they are.
_FIGURES = {
    "graceful_timeout": "graceful_timeout",
    "keepalive": "keepalive",
    "timeout": "worker_timeout",
}


def wire(worker: Any, ladder: Ladder) -> None:
    """``ladder`` is what the environment declares, and what gunicorn was started with."""
    # gunicorn's asgi worker keeps it under a name of its own, uvicorn's does not.
    name = "asgi" if hasattr(worker, "asgi") else "wsgi"
    application = getattr(worker, name)
    asynchronous = name == "asgi" or _is_asgi(application)
    setattr(worker, name, (front.asgi if asynchronous else front.wsgi)(application))
    # Without it the application is no Django project, or one that sets itself up later.
    if apps.ready:
        _take_figures(worker, ladder)
        if asynchronous:
            connections.end_with_the_request()
    if _is_uvicorn(worker):
        worker.wsgi = recycling(worker.wsgi)
        _connect_loggers()
    idle.watch(worker)
    stuck.watch(worker)


def _is_asgi(application: Any) -> bool:
    return iscoroutinefunction(application) or iscoroutinefunction(
        getattr(application, "__call__", None)  # noqa: B004 - an instance of ASGIHandler
    )


def _is_uvicorn(worker: Any) -> bool:
    # Whichever package it comes from: uvicorn itself once had one.
    return type(getattr(worker, "config", None)).__module__ == "uvicorn.config"


def _connect_loggers() -> None:
    # The worker gives them gunicorn's handlers and cuts them off the root. The kit's one handler is
    # the root's: requests would not be logged at all, and errors printed past it.
    for name in ("uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).propagate = True


def _take_figures(worker: Any, ladder: Ladder) -> None:
    """Have the figures of SCALEREADY hold, in this worker and in the master that stops it."""
    declared = conf.ladder
    replica.declare(
        drain=declared.drain, graceful=declared.graceful_timeout, timeout=declared.worker_timeout
    )
    for name, figure in _FIGURES.items():
        # Another value than the environment's comes from the command line, which wins.
        if getattr(worker.cfg, name) == getattr(ladder, figure):
            worker.cfg.set(name, getattr(declared, figure))
    if _is_uvicorn(worker):
        # Its own copy, made before the fork.
        worker.config.timeout_keep_alive = worker.cfg.keepalive
