"""What one probe costs, without a server: the time of a request inside one process."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bench import subjects
from bench.machine import Options
from bench.report import Table
from bench.services import Services
from bench.subjects import SITES, Subject
from django_scaleready.drill.supervisor import Supervisor, bare_environment

NAME = "probe-cost"
TITLE = "One probe in process, through the middleware of startproject"

ROUNDS, REQUESTS = 40, 100
QUICK_ROUNDS, QUICK_REQUESTS = 2, 5

FRONT = "ours: /livez, gunicorn config"
MIDDLEWARE = "ours: /livez, middleware"
READY = "ours: /readyz, database and cache"
HEALTH_CHECK = "django-health-check 4.8, database"
MOST_FRONT, MOST_MIDDLEWARE, MOST_READY = 0.2, 0.5, 0.3


@dataclass
class Cost:
    """One kind of probe: who is asked for what, and the seconds of each round.

    ``bare`` are the seconds of the bare view in the same process and round.
    """

    what: str
    subject: Subject
    handler: str
    path: str
    seconds: list[float] = field(default_factory=list)
    bare: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        """Seconds of one request."""
        return statistics.median(self.seconds)

    @property
    def ratio(self) -> float:
        """The median, over the rounds, of its time over the bare view's next to it."""
        return statistics.median(s / b for s, b in zip(self.seconds, self.bare, strict=True))


def costs() -> list[Cost]:
    """Everything that is timed."""
    ours = subjects.OURS
    found = [
        Cost("bare view", ours, "bare", "/"),
        Cost(FRONT, ours, "front", ours.liveness),
        Cost(MIDDLEWARE, ours, "package", ours.liveness),
        Cost(READY, ours, "package", ours.readiness),
        Cost(f"{READY}, nothing remembered", subjects.UNCACHED, "package", ours.readiness),
    ]
    for peer in (subjects.HEALTH_CHECK, subjects.DOCKERFLOW, subjects.WATCHMAN, subjects.ALIVE):
        if peer is not subjects.HEALTH_CHECK:
            found.append(Cost(f"{peer.title}, liveness", peer, "package", peer.liveness))
        found.append(Cost(f"{peer.title}, database", peer, "package", peer.readiness))
    return found


@contextlib.contextmanager
def timer(subject: Subject, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """Run ``sites/timer.py`` in a subject's environment; it ends with the block."""
    process = subprocess.Popen(
        [subject.python, SITES / "timer.py"],
        env={**bare_environment(), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        yield process


def ask(process: subprocess.Popen[str], cost: Cost, handler: str, path: str, count: int) -> float:
    """Have a timer ask a path; return the seconds of one request."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{handler} {path} {count}\n")
    answer = process.stdout.readline()
    if not answer:
        raise RuntimeError(f"{cost.what}: the timer ended, see its stderr above")
    return float(answer)


def measure(found: list[Cost], services: Services, rounds: int, count: int) -> None:
    """Time all in turn, round after round, so that a slow second is slow for everybody."""
    with contextlib.ExitStack() as stack:
        timers = {
            subject: stack.enter_context(timer(subject, services.site(subject)))
            for subject in dict.fromkeys(cost.subject for cost in found)
        }
        for cost in found:  # The first requests import, connect and fill caches.
            ask(timers[cost.subject], cost, cost.handler, cost.path, count)
        for _ in range(rounds):
            for cost in found:
                process = timers[cost.subject]
                cost.bare.append(ask(process, cost, "bare", "/", count))
                cost.seconds.append(ask(process, cost, cost.handler, cost.path, count))


def run(options: Options) -> Table:
    """Time every kind of probe."""
    found = [cost for cost in costs() if options.wants(cost.subject)]
    rounds, count = (QUICK_ROUNDS, QUICK_REQUESTS) if options.quick else (ROUNDS, REQUESTS)
    with Supervisor() as supervisor:
        services = Services.start(supervisor)
        with options.alone("all in turn"):
            measure(found, services, rounds, count)
    return tabulate(found, rounds, count)


def tabulate(found: list[Cost], rounds: int, count: int) -> Table:
    """Write down medians and ratios."""
    table = Table(NAME, TITLE, ["probe", "median", "x bare view"])
    for cost in found:
        table.rows.append([cost.what, f"{cost.median * 1e6:.0f} µs", f"{cost.ratio:.2f}"])
        table.figures[cost.what] = {"median": cost.median, "ratio": cost.ratio}
    promise(table, {cost.what: cost for cost in found})
    table.notes.append(
        "Ours answers from what it knows for a second (PROBE_TTL); where nothing is remembered"
        " every probe asks both. django-health-check opens a connection for each probe, since its"
        " check runs in a thread of the probe's own."
    )
    table.notes.append(
        f"Medians of {rounds} rounds of {count} requests each, kinds interleaved, garbage"
        " collection off, connections to the database kept. Each ratio is to the bare view in the"
        " same process and round."
    )
    return table


def promise(table: Table, found: Mapping[str, Cost]) -> None:
    """What must hold of ours."""
    for name, most in ((FRONT, MOST_FRONT), (MIDDLEWARE, MOST_MIDDLEWARE)):
        if cost := found.get(name):
            what = f"{name} <= {most} x a bare view"
            table.promise(what, f"{cost.ratio:.3f}", cost.ratio <= most)
    ready, naive = found.get(READY), found.get(HEALTH_CHECK)
    if ready and naive:
        ratio = ready.median / naive.median
        what = f"{READY} <= {MOST_READY} x {HEALTH_CHECK}"
        table.promise(what, f"{ratio:.3f}", ratio <= MOST_READY)
