"""gunicorn's hooks, in the order in which it calls them. ``server`` is its Arbiter.

A configuration file of your own that begins with ``from django_scaleready.gunicorn import *`` and
defines one of them has to call ours, too.
"""

from __future__ import annotations

import signal
from importlib import import_module
from typing import Any

from django_scaleready.arbiter import late, preloaded, turns
from django_scaleready.arbiter.deaths import Deaths
from django_scaleready.arbiter.drain import Drain
from django_scaleready.declarations import from_environment
from django_scaleready.replica_state import DRAINING, replica

LADDER = from_environment()

_drain = Drain(LADDER)
_deaths = Deaths()


def on_starting(server: Any) -> None:
    """First of all, when the configuration is complete."""
    late.drop_threads_nobody_uses(server)
    preloaded.say_what_breaks(server)


def when_ready(server: Any) -> None:
    """Before the first fork: share the state, take over SIGTERM."""
    replica.share()
    _drain.install(server)
    late.take_timeout(server, LADDER)
    _deaths.watch(server)


def pre_fork(server: Any, worker: Any) -> None:
    """Before each fork."""
    _deaths.expect(server, worker)


def post_fork(_server: Any, _worker: Any) -> None:
    """In the worker, before it loads anything."""
    # The master's handler is inherited, and gunicorn resets only the signals that it uses.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def post_worker_init(worker: Any) -> None:
    """In the worker, once the application is loaded."""
    if not replica.shared:
        worker.log.warning(
            "SIGTERM does not drain: the configuration's own when_ready does not call"
            " django_scaleready.arbiter.hooks.when_ready"
        )
    _deaths.arm(worker)
    # By name: this file is read before Django's settings may be, and that code runs after.
    import_module("django_scaleready.web_worker.wiring").wire(worker, LADDER)
    turns.take_over(worker)


def pre_request(worker: Any, request: Any) -> None:
    """Before each request: while draining, the connection ends with the answer.

    A client that keeps its connection, past the balancer or through one that knows connections
    only, would otherwise stay until the worker exits. And a worker that has served its number of
    requests is recycled after this one, if it is its turn.
    """
    if replica.flag(DRAINING):
        request.must_close = True
    turns.leave_if_due(worker)


def child_exit(server: Any, worker: Any) -> None:
    """In the master, after a worker has ended."""
    _deaths.explain(server, worker)


def on_exit(_server: Any) -> None:
    """In the master, at its end."""
    _drain.tell_end()
