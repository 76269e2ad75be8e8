"""One address sends as many probes as it can; what is left for everybody else."""

from __future__ import annotations

from dataclasses import dataclass

from bench import subjects
from bench.load import Plan, Result, together
from bench.machine import Options
from bench.report import Table
from bench.servers import gunicorn
from bench.services import Services
from bench.subjects import Subject
from django_scaleready.drill.supervisor import Supervisor

NAME = "probe-flood"
TITLE = "10,000 probes/s from one address beside 100 requests/s, gunicorn: 2 workers, 4 threads"

PROBES, REQUESTS = 10_000.0, 100.0
PROBE_CONNECTIONS, REQUEST_CONNECTIONS = 50, 20
SECONDS, QUICK_SECONDS = 10.0, 1.0


@dataclass(frozen=True)
class Flood:
    """Which path of whom is flooded."""

    what: str
    subject: Subject
    path: str


FLOODS = (
    Flood("ours, /livez", subjects.OURS, "/livez"),
    Flood("ours, /readyz", subjects.OURS, "/readyz"),
    Flood("a bare view", subjects.HEALTH_CHECK, "/"),
    Flood("django-health-check 4.8", subjects.HEALTH_CHECK, "/health/"),
)


def requests(port: int, seconds: float) -> Plan:
    """What users do meanwhile."""
    return Plan(port, "/", REQUESTS, seconds, REQUEST_CONNECTIONS)


def measure(services: Services, flood: Flood, seconds: float) -> tuple[Result, Result, Result]:
    """Requests alone, requests beside the flood, the flood."""
    with Supervisor(patience=1) as supervisor:
        server = gunicorn(supervisor, services, flood.subject, "--workers", "2")
        port = int(server.url.rpartition(":")[2])
        # The first ones connect and import.
        together([requests(port, 1), Plan(port, flood.path, 20, 1, 20)])
        (alone,) = together([requests(port, seconds)])
        probes = Plan(port, flood.path, PROBES, seconds, PROBE_CONNECTIONS)
        beside, flooded = together([requests(port, seconds), probes])
        return alone, beside, flooded


def run(options: Options) -> Table:
    """Flood one path after the other."""
    table = Table(
        NAME,
        TITLE,
        ["flooded", "probes answered/s", "requests p50 alone", "p99 alone", "p50 beside",
         "p99 beside", "lost"],
    )  # fmt: skip
    seconds = QUICK_SECONDS if options.quick else SECONDS
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        for flood in FLOODS:
            if not options.wants(flood.subject):
                continue
            with options.alone():
                add(table, flood, *measure(services, flood, seconds))
    table.notes.append(
        f"{SECONDS:g} s each; the flood has {PROBE_CONNECTIONS} connections and never more"
        " unanswered probes than these. It runs on the cores that the server has too, so the server"
        " answers what is left of them."
    )
    return table


def add(table: Table, flood: Flood, alone: Result, beside: Result, flooded: Result) -> None:
    """A row."""
    table.rows.append(
        [flood.what, f"{flooded.rate:,.0f}",
         *(r.shown(p) for r in (alone, beside) for p in (50, 99)),
         str(beside.lost + beside.unsent)]
    )  # fmt: skip
    table.figures[flood.what] = {
        "probes_per_second": flooded.rate,
        "p99_alone": alone.number(99),
        "p99_beside": beside.number(99),
        "lost": beside.lost + beside.unsent,
    }
