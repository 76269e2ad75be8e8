"""200 probes at once while the database accepts and never answers, and what becomes of the rest."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

from bench import subjects
from bench.load import Plan, Result, together
from bench.machine import Options
from bench.report import Table
from bench.servers import ASGI, WSGI, Server, gunicorn
from bench.services import Services
from bench.subjects import Subject
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

NAME = "hung-database"
TITLE = "Bursts of 200 readiness probes a second while PostgreSQL is stopped by SIGSTOP"

PROBES = 200
LIVENESS_RATE, REQUEST_RATE = 20.0, 50.0
SECONDS, QUICK_SECONDS = 8.0, 2.0
TIMEOUT = 5.0

MOST_READY, MOST_LIVE = 1.0, 0.020
# A request that has nothing to do with the database: its median within a factor, for which both
# runs carry the same load of probes, the database being the only difference.
MOST_SLOWER = 1.5

WORKERS: Mapping[str, tuple[str, ...]] = {
    "sync": ("--worker-class", "sync"),
    "gthread": (),
    "gevent": ("--worker-class", "gevent"),
    "asgi": ("--worker-class", "asgi"),
}


@dataclass(frozen=True)
class Phase:
    """What came of probes, liveness and other requests, and the workers' threads at its end."""

    ready: Result
    live: Result
    others: Result
    threads: int


def plans(port: int, subject: Subject, seconds: float) -> list[Plan]:
    """The load of one phase: readiness in bursts, liveness, requests."""
    return [
        Plan(port, subject.readiness, PROBES, seconds, PROBES, PROBES, TIMEOUT, keep=False),
        Plan(port, subject.liveness, LIVENESS_RATE, seconds, 40, 1, TIMEOUT, keep=False),
        Plan(port, "/", REQUEST_RATE, seconds, 40, 1, TIMEOUT, keep=False),
    ]


def phase(server: Server, subject: Subject, seconds: float) -> Phase:
    """Load a server and count its threads right after."""
    port = int(server.url.rpartition(":")[2])
    ready, live, others = together(plans(port, subject, seconds))
    return Phase(ready, live, others, threads(server))


def threads(server: Server) -> int:
    """The threads of all workers."""
    return sum(worker.num_threads() for worker in psutil.Process(server.process.pid).children())


def measure(services: Services, subject: Subject, kind: str, seconds: float) -> tuple[Phase, Phase]:
    """A phase with the database well, one with it stopped."""
    with Supervisor(patience=0.5) as supervisor:
        server = gunicorn(
            supervisor, services, subject, "--workers", "2", *WORKERS[kind],
            application=ASGI if kind == "asgi" else WSGI,
        )  # fmt: skip
        until(lambda: server.ask(subject.readiness).status == 200, 10, "readiness")
        phase(server, subject, 1)  # Threads are made and connections opened.
        before = phase(server, subject, seconds)
        services.postgres.process.freeze()
        try:
            during = phase(server, subject, seconds)
        finally:
            services.postgres.process.thaw()
    return before, during


def run(options: Options) -> Table:
    """Every worker class, ours and a naive one beside it."""
    table = Table(
        NAME,
        TITLE,
        ["worker", "readiness", "slowest readiness", "unanswered", "liveness p99",
         "other requests p50 before", "p50 during", "p99 during", "lost", "threads before",
         "during"],
    )  # fmt: skip
    seconds = QUICK_SECONDS if options.quick else SECONDS
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        for kind, subject in itertools.product(WORKERS, (subjects.OURS, subjects.HEALTH_CHECK)):
            if options.wants(subject, kind):
                with options.alone():
                    add(table, kind, subject, *measure(services, subject, kind, seconds))
    table.notes.append(
        f"Probes, {LIVENESS_RATE:g} liveness probes/s and {REQUEST_RATE:g} other requests/s, each"
        f" on a connection of its own, against 2 workers, for {SECONDS:g} s with the database well"
        f" and {SECONDS:g} s with it stopped; no answer within {TIMEOUT:g} s counts as none."
    )
    return table


def add(table: Table, kind: str, subject: Subject, before: Phase, during: Phase) -> None:
    """A row, and what must hold of ours."""
    lost = during.others.lost + during.others.unsent
    table.rows.append(
        [kind, subject.title, _seconds(during.ready), str(during.ready.lost + during.ready.unsent),
         during.live.shown(99), before.others.shown(50), during.others.shown(50),
         during.others.shown(99), str(lost), str(before.threads), str(during.threads)]
    )  # fmt: skip
    table.figures[f"{kind}, {subject.name}"] = {
        "ready_slowest": during.ready.slowest,
        "ready_statuses": during.ready.statuses,
        "ready_unanswered": during.ready.lost + during.ready.unsent,
        "live_p99": [phase.live.number(99) for phase in (before, during)],
        "others_p50": [phase.others.number(50) for phase in (before, during)],
        "others_p99": [phase.others.number(99) for phase in (before, during)],
        "others_lost": lost,
        "threads": [before.threads, during.threads],
    }
    if subject == subjects.OURS:
        promise(table, kind, before, during)


def promise(table: Table, kind: str, before: Phase, during: Phase) -> None:
    """What must hold of ours under one worker class."""
    ready = during.ready
    answered = not ready.lost and not ready.unsent and set(ready.statuses) == {"503"}
    text = f"{ready.slowest:.2f} s, {dict(ready.statuses)}"
    what = f"{kind}: every readiness answer is 503 within {MOST_READY:g} s"
    table.promise(what, text, answered and ready.slowest <= MOST_READY)
    live = during.live.percentile(99)
    what = f"{kind}: liveness p99 <= {MOST_LIVE * 1e3:g} ms"
    table.promise(what, during.live.shown(99), live <= MOST_LIVE)
    ratio = during.others.percentile(50) / max(before.others.percentile(50), 1e-6)
    what = f"{kind}: other requests none lost, median <= {MOST_SLOWER:g} x"
    held = not during.others.lost and not during.others.unsent and ratio <= MOST_SLOWER
    table.promise(what, f"{ratio:.2f} x", held)
    grown = during.threads - before.threads
    table.promise(f"{kind}: no thread more", f"{grown:+d}", grown <= 0)


def _seconds(result: Result) -> str:
    return f"{result.slowest:.2f} s" if result.seconds else "-"
