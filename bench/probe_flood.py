"""One address sends as many probes as it can; what is left for everybody else."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from bench import subjects
from bench.load import Plan, Result, together
from bench.machine import Options
from bench.report import Table
from bench.servers import Server, gunicorn
from bench.services import Services
from bench.subjects import SITES, Subject
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


LIVE = Flood("ours, /livez", subjects.OURS, "/livez")
READY = Flood("ours, /readyz", subjects.OURS, "/readyz")
BARE = Flood("a bare view", subjects.HEALTH_CHECK, "/")
NAIVE = Flood("django-health-check 4.8, database", subjects.HEALTH_CHECK, "/health/")


def requests(port: int, seconds: float) -> Plan:
    """What users do meanwhile."""
    return Plan(port, "/", REQUESTS, seconds, REQUEST_CONNECTIONS)


def probes(port: int, path: str, seconds: float) -> Plan:
    """The flood."""
    return Plan(port, path, PROBES, seconds, PROBE_CONNECTIONS)


def measure(services: Services, flood: Flood, seconds: float) -> tuple[Result, Result, Result]:
    """Requests alone, requests beside the flood, the flood."""
    with Supervisor(patience=1) as supervisor:
        server = gunicorn(supervisor, services, flood.subject, "--workers", "2")
        port = server.port
        # The first ones connect and import.
        together([requests(port, 1), Plan(port, flood.path, 20, 1, 20)])
        (alone,) = together([requests(port, seconds)])
        beside, flooded = together([requests(port, seconds), probes(port, flood.path, seconds)])
        return alone, beside, flooded


def calibrate(supervisor: Supervisor, seconds: float) -> float:
    """Answers/s of a server that does nothing else: what the client is able to send."""
    port = supervisor.port()
    process = supervisor.process("answerer", [sys.executable, SITES / "answerer.py", str(port)])
    process.start()
    Server(process, port).wait()
    (result,) = together([probes(port, "/", seconds)])
    return result.rate


def run(options: Options) -> Table:
    """Flood one path after the other."""
    table = Table(
        NAME,
        TITLE,
        ["flooded", "probes answered/s", "requests p50 alone", "p99 alone", "p50 beside",
         "p99 beside", "p99 ratio", "lost"],
    )  # fmt: skip
    seconds = QUICK_SECONDS if options.quick else SECONDS
    found: dict[str, Result] = {}
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        with options.alone("the client itself"):
            reached = calibrate(supervisor, seconds)
        for flood in (LIVE, READY, BARE, NAIVE):
            if options.wants(flood.subject, flood.what):
                with options.alone(flood.what):
                    alone, found[flood.what], flooded = measure(services, flood, seconds)
                add(table, flood, alone, found[flood.what], flooded)
    promise(table, found)
    table.notes.append(
        f"{seconds:g} s each; the flood has {PROBE_CONNECTIONS} connections and never more"
        f" unanswered probes than these. Against a server that does nothing it reaches"
        f" {reached:,.0f}/s here. It runs on the cores that the server has too: what is answered"
        " is what they can."
    )
    return table


def add(table: Table, flood: Flood, alone: Result, beside: Result, flooded: Result) -> None:
    """A row."""
    ratio = beside.percentile(99) / alone.percentile(99)
    table.rows.append(
        [flood.what, f"{flooded.rate:,.0f}",
         *(r.shown(p) for r in (alone, beside) for p in (50, 99)),
         f"{ratio:.0f} x", str(beside.lost)]
    )  # fmt: skip
    table.figures[flood.what] = {
        "probes_per_second": flooded.rate,
        "p99_alone": alone.number(99),
        "p99_beside": beside.number(99),
        "lost": beside.lost,
    }


def promise(table: Table, found: dict[str, Result]) -> None:
    """Ours starve nobody: no request lost, and none waits longer than beside a naive probe."""
    lost = sum(found[f.what].lost for f in (LIVE, READY) if f.what in found)
    table.promise("ours: no request is lost beside a flood", str(lost), lost == 0)
    for ours, naive in ((LIVE, BARE), (READY, NAIVE)):
        if ours.what in found and naive.what in found:
            mine, theirs = found[ours.what], found[naive.what]
            table.promise(
                f"requests beside {ours.what}: p99 <= beside {naive.what}",
                f"{mine.shown(99)}, {theirs.shown(99)}",
                mine.percentile(99) <= theirs.percentile(99),
            )
