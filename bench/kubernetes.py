"""Rolling restarts in Kubernetes' order: a replica leaves the balancer 2 s after SIGTERM."""

from __future__ import annotations

import itertools

from bench.deployments import COLUMNS, NOTE, Case, fill, promise
from bench.machine import Options
from bench.report import Table
from django_scaleready.drill.balancers import Kubernetes

NAME = "kubernetes"
TITLE = "Rolling restarts in Kubernetes' order: out of the balancer 2 s after SIGTERM, no retries"

REQUESTS = 8_000
SERVERS = ("sync", "gthread", "gevent", "asgi", "uvicorn-worker", "uwsgi")
NAIVE, OURS = "its defaults", "the kit's"


def run(options: Options) -> Table:
    """Restart each server by its defaults and by the kit's configuration."""
    table = Table(NAME, TITLE, COLUMNS)
    cases = [
        Case(served, what == NAIVE, Kubernetes, what)
        for served, what in itertools.product(SERVERS, (NAIVE, OURS))
    ]
    runs = fill(table, cases, options, REQUESTS)
    promise(table, [run for run in runs if not run.case.naive])
    table.notes.append(NOTE)
    table.notes.append(
        "The balancer passes connections on and not requests, as a Service does; a refused or"
        " broken connection is the client's failure."
    )
    return table
