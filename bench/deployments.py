"""Rolling restarts of the shop under load, on the drill's engine: the rows of three tables."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.machine import Options
from bench.report import Table
from django_scaleready.drill import counted, rolling
from django_scaleready.drill.balancers import Balancer
from django_scaleready.drill.clock import Clock
from django_scaleready.drill.load.generator import Load
from django_scaleready.drill.load.plan import Plan, Step
from django_scaleready.drill.provision import embedded
from django_scaleready.drill.recording import FaultSpan, Recording
from django_scaleready.drill.release import Release
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.target import Target, facts

SHOP = Path(__file__).resolve().parent / "shop"
STEPS = (
    Step("get", "/", weight=60, contains="page"),
    Step("session", "/.drill/session/", weight=15, session=True),
    Step("post", "/order", "POST", weight=24.8, contains="ordered"),
    Step("slow", "/slow?seconds=2", weight=0.2, contains="slow"),
)
RATE = 250.0
# Enough to see what is lost; ours have to show that nothing is.
NAIVE_REQUESTS = 5_000
# One request at a time needs more processes for the slow ones.
PROCESSES = {"sync": "4"}

COLUMNS = ("server", "configuration", "requests", "restarts", "failed", "of it POSTs",
           "executed twice", "p50", "p99", "replica restarted in")  # fmt: skip

MakeBalancer = Callable[[Supervisor, Sequence[Replica]], Balancer]


@dataclass(frozen=True)
class Case:
    """A row: ``served`` as in the drill's ``servers``, ``naive`` without the kit's configuration.

    ``what`` is said of the configuration in the table.
    """

    served: str
    naive: bool
    balancer: MakeBalancer
    what: str


@dataclass
class Run:
    """A case, what came of it, and how many times all replicas were restarted."""

    case: Case
    recording: Recording
    restarts: int
    replicas: int
    limitations: list[str] = field(default_factory=list)


def run(case: Case, requests: int, replicas: int = 3) -> Run:
    """Restart all replicas, again and again, until that many requests were sent."""
    plain = {"SHOP_PLAIN": "1"} if case.naive else {}
    processes = {"WEB_CONCURRENCY": PROCESSES.get(case.served, "2")}
    target = Target(
        SHOP,
        "shop.settings",
        {**plain, **processes},
        readiness="/health" if case.naive else "/readyz",
    )
    with Supervisor(patience=2) as services, Supervisor(patience=2) as supervisor:
        found = facts(target)
        release = Release(supervisor, target, found, embedded(services, found))
        release.prepare()
        servers = [
            release.replica(f"replica-{number}", case.served, naive=case.naive)
            for number in range(1, replicas + 1)
        ]
        for server in servers:
            server.start()
        for server in servers:
            server.wait()
        balancer = case.balancer(supervisor, servers)
        balancer.start()
        return _under_load(case, release, servers, balancer, requests)


def _under_load(
    case: Case, release: Release, servers: list[Replica], balancer: Balancer, requests: int
) -> Run:
    clock = Clock()
    plan = Plan(STEPS, rate=RATE, user=release.user)
    load = Load(release.supervisor, plan, balancer.url, clock)
    load.start()
    spans: list[FaultSpan] = []
    while not spans or len(load.samples()) < requests:
        time.sleep(2)  # What a restart leaves behind belongs to it and not to the next one.
        spans.append(rolling.restart(servers, balancer, clock))
    time.sleep(2)
    samples = load.stop()
    recording = Recording(
        tuple(samples), faults=tuple(spans), executed=counted.executed(release.directory)
    )
    return Run(case, recording, len(spans), len(servers), release.limitations)


def fill(table: Table, cases: Iterable[Case], options: Options, requests: int) -> list[Run]:
    """Run the cases that are wanted and add a row for each; naive ones once round."""
    runs = []
    for case in cases:
        names = {case.served, case.what, f"{case.served} {case.what}"}
        if (options.quick and case.naive) or (options.rows and not names & set(options.rows)):
            continue
        number = NAIVE_REQUESTS if case.naive else requests
        row = f"{case.served}, {case.what}"
        with options.alone(row), table.surviving(row):
            done = run(case, *((200, 2) if options.quick else (number,)))
            runs.append(done)
            table.rows.append(_row(done))
            table.figures[row] = _figures(done)
    return runs


def _row(done: Run) -> list[str]:
    recording, case = done.recording, done.case
    failed = recording.failed()
    posts = sum(sample.failed for sample in recording.samples if sample.kind == "post")
    names = ", ".join(f"{number} {name}" for name, number in failed.most_common(3))
    latency = recording.percentiles("get", "post", "session")
    spent = sum(span.ended - span.began for span in recording.faults)
    return [
        case.served,
        case.what,
        f"{len(recording.samples):,}",
        str(done.restarts * done.replicas),
        f"{failed.total():,}" + (f" ({names})" if names else ""),
        str(posts),
        str(len(recording.duplicates())),
        f"{latency.p50 * 1e3:.0f} ms",
        f"{latency.p99 * 1e3:.0f} ms",
        f"{spent / (done.restarts * done.replicas):.0f} s",
    ]


def _figures(done: Run) -> dict[str, object]:
    recording = done.recording
    latency = recording.percentiles("get", "post", "session")
    return {
        "requests": len(recording.samples),
        "replica_restarts": done.restarts * done.replicas,
        "failed": dict(recording.failed()),
        "failed_by_kind": {k: dict(v) for k, v in recording.failed_by_kind().items()},
        "duplicates": len(recording.duplicates()),
        "acknowledged_and_not_executed": len(recording.lost()),
        "executed_and_failed": len(recording.executed_unseen()),
        "p50": latency.p50,
        "p99": latency.p99,
        "limitations": done.limitations,
    }


def promise(table: Table, ours: Sequence[Run]) -> None:
    """Nothing failed and nothing was executed twice, in any of these runs."""
    if not ours:
        return
    failed = sum(run.recording.failed().total() for run in ours)
    twice = sum(len(run.recording.duplicates()) for run in ours)
    missing = sum(len(run.recording.lost()) for run in ours)
    table.promise("ours: requests failed", str(failed), failed == 0)
    table.promise("ours: POSTs executed twice", str(twice), twice == 0)
    table.promise("ours: POSTs acknowledged and not executed", str(missing), missing == 0)


NOTE = (
    f"Three replicas of 2 processes (sync: 4), {RATE:g} requests/s: pages, sessions,"
    " POSTs that the servers count, requests of 2 s; four of five on kept connections. Every"
    " request is sent once. Each restart waits until the one before has requests again."
)
