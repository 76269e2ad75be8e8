"""Rolling restarts behind nginx, which does not ask for readiness."""

from __future__ import annotations

from functools import partial

from bench.deployments import COLUMNS, NOTE, Case, fill, promise
from bench.machine import Options
from bench.report import Table
from django_scaleready.drill.balancers import Nginx

NAME = "nginx"
TITLE = "Rolling restarts behind nginx"

REQUESTS = 10_000
PLAIN = "its defaults"
DRAIN = "the kit's, nginx not told"
TOLD = "the kit's, nginx told"
UNTOLD = partial(Nginx, told=False)
SERVED = "gthread"


def run(options: Options) -> Table:
    """Plain, with the drain alone, with the documented procedure."""
    table = Table(NAME, TITLE, COLUMNS)
    cases = [
        Case(SERVED, True, UNTOLD, PLAIN),
        Case(SERVED, False, UNTOLD, DRAIN),
        Case(SERVED, False, Nginx, TOLD),
    ]
    runs = fill(table, cases, options, REQUESTS)
    promise(table, [run for run in runs if run.case.what == TOLD])
    table.notes.append(NOTE)
    table.notes.append(
        "Told: the server is marked down and nginx reloaded for the time of its restart."
        " Open-source nginx has no active health checks, so the drain alone cannot help it: it"
        " learns of a restart from requests that fail."
    )
    return table
