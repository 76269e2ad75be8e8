"""200 probers while the database accepts and never answers, and what becomes of the rest."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field

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
TITLE = "200 readiness probers, all at once and evenly, while PostgreSQL is stopped by SIGSTOP"

# Each asks every 5 s, which is 40 a second; and all of them at one moment right after the fault.
PROBERS, INTERVAL = 200, 5.0
LIVENESS_RATE, REQUEST_RATE = 50.0, 50.0
SECONDS, QUICK_SECONDS = 15.0, 2.0
TIMEOUT = 5.0
# Seconds from the fault to the probers that ask all at once.
AHEAD = 1.0

MOST_READY, MOST_LIVE = 1.0, 0.020
# A request that has nothing to do with the database, by its median: the load is the same before
# and during, the database is the only difference.
MOST_SLOWER = 1.5

WORKERS: Mapping[str, tuple[str, ...]] = {
    "sync": ("--worker-class", "sync"),
    "gthread": (),
    "gevent": ("--worker-class", "gevent"),
    "asgi": ("--worker-class", "asgi"),
}


# The check of django-health-check is a coroutine, in whose thread Django refuses the database; all
# requests of a gevent worker share that thread, so its readiness is a 500 there, always.
PEERS = dict.fromkeys(WORKERS, subjects.HEALTH_CHECK) | {"gevent": subjects.WATCHMAN}


@dataclass(frozen=True)
class Phase:
    """What came of probes, liveness and other requests, and the most threads of the workers.

    ``at_once`` of the probes were asked at one moment.
    """

    ready: Result
    live: Result
    others: Result
    threads: int
    at_once: int


@dataclass
class Fault:
    """Stops the database in the middle of a load, and counts threads all the time."""

    services: Services
    server: Server
    seconds: float
    froze: float = 0.0
    counts: list[tuple[float, int]] = field(default_factory=list)

    def __call__(self) -> None:
        """Count, stop, count; the database goes on in the end."""
        # Before the second burst, or it would sometimes be answered by a database that is well.
        self._count(self.seconds - AHEAD)
        self.services.postgres.process.freeze()
        try:
            self.froze = time.monotonic()
            self._count(self.seconds)
        finally:
            self.services.postgres.process.thaw()

    def most(self, *, after: bool) -> int:
        """The most threads at once, before or after the fault."""
        return max(number for at, number in self.counts if (at >= self.froze) == after)

    def _count(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            workers = psutil.Process(self.server.process.pid).children()
            self.counts.append((time.monotonic(), sum(worker.num_threads() for worker in workers)))
            time.sleep(0.1)


def plans(port: int, subject: Subject, seconds: float) -> list[Plan]:
    """Readiness, evenly and all at once right after the fault; liveness; requests."""
    whole, ready = 2 * seconds, subject.readiness
    return [
        Plan(port, ready, PROBERS / INTERVAL, whole, PROBERS, 1, TIMEOUT, keep=False),
        Plan(port, ready, PROBERS / seconds, whole, PROBERS, PROBERS, TIMEOUT, keep=False),
        Plan(port, subject.liveness, LIVENESS_RATE, whole, 100, 1, TIMEOUT, keep=False),
        Plan(port, "/", REQUEST_RATE, whole, 100, 1, TIMEOUT, keep=False),
    ]


def measure(services: Services, subject: Subject, kind: str, seconds: float) -> tuple[Phase, Phase]:
    """A phase with the database well, one with it stopped, under one load."""
    with Supervisor(patience=0.5) as supervisor:
        # A worker that is recycled would begin with fewer threads, and hide growth.
        server = gunicorn(
            supervisor, services, subject, "--workers", "2", "--max-requests", "0", *WORKERS[kind],
            application=ASGI if kind == "asgi" else WSGI,
        )  # fmt: skip
        until(lambda: server.ask(subject.readiness).status == 200, 10, "readiness")
        port = server.port
        together(plans(port, subject, 1))  # Threads are made and connections opened.
        fault = Fault(services, server, seconds)
        results = together(plans(port, subject, seconds), fault)
    windows = ((0.0, fault.froze), (fault.froze, fault.froze + seconds))
    before, during = ([result.within(*window) for result in results] for window in windows)
    return _phase(before, fault.most(after=False)), _phase(during, fault.most(after=True))


def _phase(results: list[Result], threads: int) -> Phase:
    evenly, at_once, live, others = results
    ready = Result(
        evenly.answered + at_once.answered,
        evenly.failed + at_once.failed,
        evenly.unsent + at_once.unsent,
    )
    return Phase(ready, live, others, threads, len(at_once.answered) + at_once.lost)


def run(options: Options) -> Table:
    """Every worker class, ours and a naive one beside it."""
    table = Table(
        NAME,
        TITLE,
        ["worker", "readiness", "slowest before", "slowest during", "unanswered",
         "liveness p99 before", "during", "other requests p50 before", "during",
         "lost", "threads before", "during"],
    )  # fmt: skip
    seconds = QUICK_SECONDS if options.quick else SECONDS
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        pairs = [(kind, one) for kind, peer in PEERS.items() for one in (subjects.OURS, peer)]
        for kind, subject in pairs:
            if options.wants(subject, kind):
                row = f"{kind}, {subject.title}"
                with options.alone(row), table.surviving(row):
                    add(table, kind, subject, *measure(services, subject, kind, seconds))
    table.notes.append(
        f"{PROBERS / INTERVAL:g} readiness probes/s, {PROBERS} at once after the fault,"
        f" {LIVENESS_RATE:g} liveness probes/s and {REQUEST_RATE:g} other requests/s, each on a"
        f" connection of its own, against 2 workers that are not recycled; {seconds:g} s with the"
        f" database well and {seconds:g} s with it stopped. No answer within {TIMEOUT:g} s counts"
        " as none. django-health-check is always unready under gevent, where Django refuses the"
        " database to its coroutine; django-watchman stands there instead."
    )
    return table


def add(table: Table, kind: str, subject: Subject, before: Phase, during: Phase) -> None:
    """A row, and what must hold of ours."""
    table.rows.append(
        [kind, subject.title, before.ready.shown(100), during.ready.shown(100),
         str(during.ready.lost), before.live.shown(99), during.live.shown(99),
         before.others.shown(50), during.others.shown(50),
         str(during.others.lost), str(before.threads), str(during.threads)]
    )  # fmt: skip
    table.figures[f"{kind}, {subject.name}"] = {
        name: {
            "ready_slowest": phase.ready.number(100),
            "ready_statuses": phase.ready.statuses,
            "ready_unanswered": phase.ready.lost,
            "live_p99": phase.live.number(99),
            "others_p50": phase.others.number(50),
            "others_p99": phase.others.number(99),
            "others_lost": phase.others.lost,
            "threads": phase.threads,
        }
        for name, phase in (("before", before), ("during", during))
    }
    if subject == subjects.OURS:
        promise(table, kind, before, during)


def promise(table: Table, kind: str, before: Phase, during: Phase) -> None:
    """What must hold of ours under one worker class."""
    what = f"{kind}: {PROBERS} probers asked at once after the fault"
    table.promise(what, str(during.at_once), during.at_once >= PROBERS)
    slowest = during.ready.percentile(100)
    text = f"{during.ready.shown(100)}, {during.ready.statuses}"
    table.promise(
        f"{kind}: every readiness answer within {MOST_READY:g} s", text, slowest <= MOST_READY
    )
    live = during.live.percentile(99)
    what = f"{kind}: liveness p99 <= {MOST_LIVE * 1e3:g} ms"
    table.promise(what, during.live.shown(99), live <= MOST_LIVE)
    ratio = during.others.percentile(50) / max(before.others.percentile(50), 1e-6)
    what = f"{kind}: other requests none lost, median <= {MOST_SLOWER:g} x"
    table.promise(
        what,
        f"{during.others.lost} lost, {ratio:.2f} x",
        not during.others.lost and ratio <= MOST_SLOWER,
    )
    grown = during.threads - before.threads
    table.promise(f"{kind}: no thread more", f"{grown:+d}", grown <= 0)
