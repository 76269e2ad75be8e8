"""Rolling restarts in Kubernetes' order: a replica leaves the balancer 2 s after SIGTERM."""

from __future__ import annotations

import itertools

from bench.deployments import COLUMNS, NOTE, Case, fill, promise
from bench.machine import Options
from bench.report import Table
from django_scaleready.drill.balancers import Kubernetes

NAME = "kubernetes"
TITLE = "Rolling restarts in Kubernetes' order: out of the balancer 2 s after SIGTERM, no retries"

REQUESTS = 6_000
SERVERS = ("sync", "gthread", "gevent", "asgi", "uvicorn-worker", "uwsgi")
# Of the two kinds that there are one each: what an interface does to all that speak it.
COMPARED = ("gthread", "asgi")
NAIVE, OURS = "its defaults", "the kit's"


def run(options: Options) -> Table:
    """Restart each server by the kit's configuration, two by their defaults too."""
    table = Table(NAME, TITLE, COLUMNS)
    cases = [
        Case(served, what == NAIVE, Kubernetes, what)
        for served, what in itertools.product(SERVERS, (NAIVE, OURS))
        if what == OURS or served in COMPARED
    ]
    runs = fill(table, cases, options, REQUESTS)
    promise(table, [run for run in runs if not run.case.naive])
    table.notes.append(NOTE)
    table.notes.append(
        "The balancer passes connections on and not requests, as a Service does; a refused or"
        " broken connection is the client's failure."
    )
    return table
