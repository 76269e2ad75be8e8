"""Rolling restarts behind HAProxy, for every server."""

from __future__ import annotations

import itertools

from bench.deployments import COLUMNS, NOTE, Case, fill, promise
from bench.machine import Options
from bench.report import Table
from django_scaleready.drill.balancers import HAProxy

NAME = "rolling"
TITLE = "Rolling restarts behind HAProxy, the health page asked each second"

REQUESTS = 17_000
IN_ALL = 100_000
SERVERS = ("sync", "gthread", "gevent", "asgi", "uvicorn-worker", "uwsgi")
NAIVE, OURS = "its defaults", "the kit's"


def run(options: Options) -> Table:
    """Restart each server by its defaults and by the kit's configuration."""
    table = Table(NAME, TITLE, COLUMNS)
    cases = [
        Case(served, what == NAIVE, HAProxy, what)
        for served, what in itertools.product(SERVERS, (NAIVE, OURS))
    ]
    runs = fill(table, cases, options, REQUESTS)
    ours = [run for run in runs if not run.case.naive]
    promise(table, ours)
    if not options.quick and not options.rows:
        sent = sum(len(run.recording.samples) for run in ours)
        table.promise(f"ours: at least {IN_ALL:,} requests", f"{sent:,}", sent >= IN_ALL)
    table.notes.append(NOTE)
    return table
