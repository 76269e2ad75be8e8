"""Seven health check packages in the situations that probes are for."""

from __future__ import annotations

import re
import signal
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench.machine import Options
from bench.report import Table
from bench.servers import Answer, Server, gunicorn
from bench.services import Services
from bench.subjects import OURS, PEERS, Subject
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

NAME = "peers"
TITLE = "Readiness of seven packages: gunicorn, one gthread worker of 4 threads, PostgreSQL"

# Seconds after which a probe counts as never answered. Kubernetes waits 1 by default.
CAP, QUICK_CAP = 20.0, 3.0
DEADLINE = 1.0
INTERVAL = 1.2
THREADS = 4

SITUATIONS = (
    "ready",
    "foreign Host",
    "SSL redirect",
    "HEAD",
    "database refuses",
    "anonymous sees of it",
    "database hangs",
    "liveness beside 4 of these",
    "after SIGTERM",
    "others after SIGTERM",
)


@dataclass
class Seen:
    """What a subject did in each situation, by the situation's name."""

    subject: Subject
    cells: dict[str, str] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)

    def add(self, situation: str, answer: Answer, text: str = "") -> None:
        """Write down an answer, by default as its status."""
        self.answers[situation] = answer
        self.cells[situation] = text or answer.shown


def run(options: Options) -> Table:
    """Put each subject into each situation."""
    subjects = [s for s in (OURS, *PEERS) if options.wants(s)]
    cap = QUICK_CAP if options.quick else CAP
    seen = []
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        for subject in subjects:
            with options.alone(subject.title):
                seen.append(observe(services, subject, cap))
    return tabulate(seen, cap)


def observe(services: Services, subject: Subject, cap: float) -> Seen:
    """One subject in all situations; its servers have ended when this returns."""
    seen = Seen(subject)
    # Killed and not waited for: a worker whose threads hang does not end when asked.
    with Supervisor(patience=0.5) as supervisor:
        server = gunicorn(supervisor, services, subject)
        until(lambda: server.ask(subject.readiness).status == 200, 10, "readiness")
        seen.add("ready", server.ask(subject.readiness))
        seen.add("foreign Host", server.ask(subject.readiness, host="10.1.2.3:8000"))
        seen.add("HEAD", server.ask(subject.readiness, method="HEAD"))
        hang(services, server, seen, cap)
    with Supervisor(patience=0.5) as supervisor:
        ssl = {"BENCH_SSL_REDIRECT": "1"}
        server = gunicorn(supervisor, services, subject, environment=ssl)
        seen.add("SSL redirect", server.ask(subject.readiness))
    with Supervisor(patience=0.5) as supervisor:
        nobody = {"BENCH_POSTGRES_PORT": str(supervisor.port())}
        refuse(gunicorn(supervisor, services, subject, environment=nobody), seen)
    with Supervisor(patience=0.5) as supervisor:
        terminate(gunicorn(supervisor, services, subject), seen)
    return seen


def hang(services: Services, server: Server, seen: Seen, cap: float) -> None:
    """Four probes while the database accepts and never answers, and liveness beside them."""
    subject = seen.subject
    # As a balancer asks: a second or so after the probe before.
    server.ask(subject.readiness)
    time.sleep(INTERVAL)
    services.postgres.process.freeze()
    try:
        with ThreadPoolExecutor(THREADS) as pool:
            probes = [
                pool.submit(server.ask, subject.readiness, seconds=cap) for _ in range(THREADS)
            ]
            time.sleep(0.3)  # By now each has a thread of the worker, where it needs one.
            alive = server.ask(subject.liveness, seconds=cap * 0.75)
            slowest = max((probe.result() for probe in probes), key=lambda a: a.seconds)
    finally:
        services.postgres.process.thaw()
    seen.add("database hangs", slowest, _timed(slowest))
    seen.add("liveness beside 4 of these", alive, _timed(alive))


def _timed(answer: Answer) -> str:
    return f"{answer.status} in {answer.seconds:.2f} s" if answer.status else answer.shown


def refuse(server: Server, seen: Seen) -> None:
    """The failure's code, and how much of it is shown to anybody."""
    answer = server.ask(seen.subject.readiness)
    seen.add("database refuses", answer)
    seen.add("anonymous sees of it", answer, shown(answer.body))


def shown(body: str) -> str:
    """How much a body tells of what failed."""
    if "Traceback" in body:
        return "stack trace"
    if re.search(r"connection (refused|failed)|OperationalError", body):
        return "error"
    if re.search(r"database|\bdb\b", body, re.IGNORECASE):
        return "which check"
    return "nothing"


def terminate(server: Server, seen: Seen) -> None:
    """SIGTERM beside a request in flight, then readiness and another page, again and again."""
    subject = seen.subject
    until(lambda: server.ask(subject.readiness).status == 200, 10, "readiness")
    slow = threading.Thread(target=server.ask, args=("/slow?seconds=2",))
    slow.start()
    time.sleep(0.2)  # It is in flight.
    server.process.signal(signal.SIGTERM)
    began = time.monotonic()
    probes: list[Answer] = []
    others: list[Answer] = []
    served = 0.0
    while server.process.running and time.monotonic() < began + 15:
        probes.append(server.ask(subject.readiness, seconds=1))
        others.append(server.ask("/", seconds=1))
        if others[-1].status == 200:
            served = time.monotonic() - began
        time.sleep(0.05)
    slow.join()
    flipped = next((probe for probe in probes if probe.status == 503), None)
    seen.add("after SIGTERM", flipped or probes[0])
    failed = sum(not a.status for a in others if a is not others[-1])
    text = f"served {served:.1f} s" if served else f"{failed} of {len(others)} lost"
    seen.add("others after SIGTERM", others[0], text)


def tabulate(seen: Sequence[Seen], cap: float) -> Table:
    """A row for each situation, a column for each subject, ours first."""
    table = Table(NAME, TITLE, ["", *(one.subject.title for one in seen)])
    for situation in SITUATIONS:
        table.rows.append([situation, *(one.cells[situation] for one in seen)])
    table.figures = {
        one.subject.name: {
            situation: {"status": a.status, "seconds": a.seconds, "error": a.error}
            for situation, a in one.answers.items()
        }
        for one in seen
    }
    for one in seen:
        if one.subject == OURS:
            promise(table, one)
    table.notes.append(
        "Each package in an environment of its own, installed as its documentation says and asked"
        f" for its database alone; no answer within {cap:.0f} s counts as none. The database"
        " is stopped by SIGSTOP (hangs) or its port is closed (refuses); SIGTERM comes beside a"
        " request in flight."
    )
    return table


def promise(table: Table, ours: Seen) -> None:
    """What must hold of ours."""
    wanted = {"ready": 200, "foreign Host": 200, "SSL redirect": 200, "HEAD": 200,
              "database refuses": 503, "database hangs": 503,
              "liveness beside 4 of these": 200, "after SIGTERM": 503,
              "others after SIGTERM": 200}  # fmt: skip
    wrong = [name for name, status in wanted.items() if ours.answers[name].status != status]
    held = f"{len(wanted) - len(wrong)} of {len(wanted)}"
    table.promise("ours: the right status in every situation", held, not wrong)
    slowest = ours.answers["database hangs"].seconds
    text = f"{slowest:.2f} s"
    table.promise(f"ours: readiness <= {DEADLINE:g} s", text, slowest <= DEADLINE)
    table.promise(
        "ours: nothing internal without the token",
        ours.cells["anonymous sees of it"],
        ours.cells["anonymous sees of it"] == "nothing",
    )
