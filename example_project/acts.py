"""The acts of the demo: each does something to the cast and writes down what came of it."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import leaks

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.faults.replicas import ReplicaKilled
from django_scaleready.drill.judge import WRONG, judge
from django_scaleready.drill.load.traffic import Traffic
from django_scaleready.drill.processes import Process
from django_scaleready.drill.project import Project, leads, records, takes_tasks
from django_scaleready.drill.promises import Trial
from django_scaleready.drill.recording import FaultSpan
from django_scaleready.drill.scorecard import Scorecard
from django_scaleready.drill.stack import Stack
from django_scaleready.drill.supervisor import Supervisor
from django_scaleready.drill.waiting import until

HERE = Path(__file__).resolve().parent
SHOW = "/shows/night-trains/"
REPORT_SECONDS = 3
REPORTS_SEEN = 4
# Requests before a replica is killed, and after.
WARM_UP, GOING_ON = 20, 200
# The lock of the beats lasts 10 s; a standby looks for it each second.
REPLACED_SECONDS = 15
USER = "demo"


@dataclass
class Demo:
    """The cast, and the card that is filled while they play."""

    project: Project
    stack: Stack
    card: Scorecard
    database: str
    password: str = field(default_factory=lambda: secrets.token_urlsafe(12))

    def __post_init__(self) -> None:
        self.replicas = [self.project.replica(f"replica-{letter}") for letter in "abc"]
        self.worker = self.project.worker("worker")
        self.beats = [self.project.beat(f"beat-{number}") for number in (1, 2)]
        self.browser = Browser([replica.url for replica in self.replicas])

    def prepare(self) -> None:
        """Do what a release does once, whatever the number of replicas."""
        for command in (["migrate", "--verbosity", "0"], ["collectstatic", "--noinput", "-v", "0"]):
            self.project.manage(*command)
        Project(
            self.project.supervisor,
            self.project.directory,
            self.project.module,
            {**self.project.environment, "DEMO_PASSWORD": self.password},
        ).manage("seed_demo", "--username", USER)

    def start(self) -> None:
        """Start everything side by side; returns when all of it is ready."""
        began = time.monotonic()
        for replica in self.replicas:
            replica.start()
        for process in (self.worker, *self.beats):
            process.start()
        for replica in self.replicas:
            replica.wait()
        takes_tasks(self.worker)
        until(self.leader, 30, "a beat that leads")
        self.card.add(
            "Three replicas, a worker and two beats are ready",
            f"after {time.monotonic() - began:.1f} s",
            held=True,
        )

    def leader(self) -> Process | None:
        """The beat that holds the lock, if one does."""
        return next((beat for beat in self.beats if leads(beat)), None)

    def reports(self) -> list[datetime]:
        """When the periodic job ran, oldest first."""
        rows = self.stack.postgres.execute(
            "SELECT taken_at FROM podcasts_listenerreport ORDER BY taken_at", self.database
        )
        return [taken_at for (taken_at,) in rows]

    def gaps(self) -> list[float]:
        """Seconds between one run of the periodic job and the next."""
        taken = self.reports()
        return [(after - before).total_seconds() for before, after in itertools.pairwise(taken)]


def find_leaks(supervisor: Supervisor, card: Scorecard) -> None:
    """The check lists every leak that was planted in before/."""
    before = Project(supervisor, HERE / "before", "castaway", {})
    number, missed = len(leaks.planted(before.directory)), leaks.missed(before)
    names = "".join(f"; missed: {leak['rule']} in {leak['path']}" for leak in missed)
    card.add(
        "check --deploy-scale finds each leak planted in before/",
        f"{number - len(missed)} of {number}{names}",
        held=number > 0 and not missed,
    )


def finds_nothing(demo: Demo) -> None:
    """The check has nothing to say about after/, in the very environment of its replicas."""
    found = leaks.findings(demo.project)
    names = "".join(f"; {one['slug']} in {one['path']}" for one in found)
    demo.card.add(
        "check --deploy-scale finds nothing in after/", f"{len(found)} findings{names}", not found
    )


def hop_signed_in(demo: Demo) -> None:
    """A session made on one replica is read on the others."""
    first, *others = demo.replicas
    demo.browser.submit(
        "/accounts/login/", {"username": USER, "password": demo.password}, on=first.url
    ).raise_for_status()
    seen = [demo.browser.get("/whoami/", on=replica.url).json() for replica in others]
    demo.card.add(
        "Signed in on one replica, known on the others",
        ", ".join(f"{who['user']} on {who['replica']}" for who in seen),
        held=seen == [{"user": USER, "replica": replica.name} for replica in others],
    )


def hop_upload(demo: Demo) -> None:
    """A recording that one replica took is given out by another, and measured by the worker."""
    one, other, _ = demo.replicas
    recording = b"RIFF" + secrets.token_bytes(1_000_000)
    began = time.monotonic()
    page = demo.browser.submit(
        f"{SHOW}episodes/new/",
        {"title": "The 21:37 to Innsbruck", "description": "Two sleepers and a dining car."},
        {"audio": ("innsbruck.wav", recording, "audio/wav")},
        on=one.url,
    ).raise_for_status()
    path = page.url.path
    back = demo.browser.get(f"{path}audio", on=other.url).content
    demo.card.add(
        "Uploaded on one replica, downloaded from another",
        f"{len(back):,} of {len(recording):,} bytes came back",
        held=back == recording,
    )
    until(
        lambda: "being measured" not in demo.browser.get(path).text, 20, "the worker's measurement"
    )
    demo.card.add(
        "The worker has processed the upload",
        f"{time.monotonic() - began:.1f} s after the upload began",
        held=True,
    )


def log_a_500(demo: Demo) -> None:
    """An exception is one line of the log, traceback included."""
    replica = demo.replicas[0]
    demo.browser.get("/boom/", on=replica.url)

    def logged() -> list[dict[str, Any]]:
        return [record for record in records(replica.process) if record.get("exc_info")]

    lines = until(logged, 5, "the traceback in the log")
    traceback = lines[0]["exc_info"]
    demo.card.add(
        "A 500 leaves one JSON line with its traceback",
        f"{len(lines)} line, {traceback.count(chr(10)) + 1} lines of traceback in it",
        held=len(lines) == 1 and "Somebody asked for it." in traceback,
    )


def fire_once(demo: Demo) -> None:
    """Two beats are no reason to run the periodic job twice."""
    until(
        lambda: len(demo.reports()) >= REPORTS_SEEN,
        (REPORTS_SEEN + 2) * REPORT_SECONDS,
        f"{REPORTS_SEEN} runs of a job that is due every {REPORT_SECONDS} s",
    )
    gaps = demo.gaps()
    demo.card.add(
        f"With two beats a job due every {REPORT_SECONDS} s runs once each time",
        f"{len(gaps) + 1} runs, {min(gaps):.1f} to {max(gaps):.1f} s apart",
        held=min(gaps) > REPORT_SECONDS / 2 and max(gaps) < REPORT_SECONDS * 1.5,
    )


def kill_the_leading_beat(demo: Demo) -> Callable[[], None]:
    """SIGKILL the leader now; the function returned waits for its successor."""
    killed = until(demo.leader, 30, "a beat that leads")
    killed.kill()
    began = time.monotonic()
    runs = len(demo.reports())

    def replaced() -> None:
        until(demo.leader, REPLACED_SECONDS, "the other beat's lead")
        seconds = time.monotonic() - began
        until(lambda: len(demo.reports()) > runs, 2 * REPORT_SECONDS, "its first job")
        demo.card.add(
            "The leading beat was killed by SIGKILL; the other one leads",
            f"after {seconds:.1f} s; no job ran twice",
            held=min(demo.gaps()) > REPORT_SECONDS / 2,
        )

    return replaced


def kill_a_replica(demo: Demo) -> None:
    """Whoever is signed in goes on with the replicas that are left."""

    def ask(browser: Browser) -> str:
        response = browser.get("/whoami/")
        known = response.is_success and response.json()["user"] == USER
        return "" if known else WRONG

    fault = ReplicaKilled(demo.replicas[1], hold=0)
    with Traffic([demo.browser], ask) as traffic:
        until(lambda: traffic.recording().answered >= WARM_UP, 20, "traffic before the kill")
        before, began = traffic.recording().answered, traffic.now()
        fault.inject()
        struck = traffic.now()
        until(
            lambda: traffic.recording().answered >= before + GOING_ON, 20, "traffic after the kill"
        )
        span = FaultSpan(fault.name, began, traffic.now())
    trial = Trial(fault.title, fault.promise, 0.0, span, span.ended, struck)
    verdict = judge(traffic.recording(), trial)
    demo.card.add(
        "A replica was killed by SIGKILL; the session lives on", verdict.measured, verdict.held
    )


def play(demo: Demo) -> None:
    """All acts in an order that lets the slow ones overlap."""
    demo.start()
    for what, act in (
        ("Session", hop_signed_in),
        ("Upload", hop_upload),
        ("500", log_a_500),
        ("check on after/", finds_nothing),
        ("Periodic job", fire_once),
    ):
        with demo.card.judged(what):
            act(demo)
    with demo.card.judged("Beat"):
        replaced = kill_the_leading_beat(demo)
        with demo.card.judged("Replica"):
            kill_a_replica(demo)
        replaced()
