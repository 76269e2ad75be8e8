"""Castaway on several replicas: what one of them has been told, the others know."""

from __future__ import annotations

import itertools
import secrets
import time
from collections.abc import Callable, Iterator

import pytest
from support.ended import gone
from support.example import PASSWORD

from django_scaleready.drill.browser import Browser
from django_scaleready.drill.load.traffic import Traffic
from django_scaleready.drill.project import Project, leads, records, takes_tasks
from django_scaleready.drill.replicas import Replica
from django_scaleready.drill.services.postgres import Postgres
from django_scaleready.drill.services.valkey import Valkey
from django_scaleready.drill.waiting import until

pytestmark = pytest.mark.live

NEW_EPISODE = "/shows/night-trains/episodes/new/"
# Seconds from report to report; one more between two is at most half of that from one of them.
EVERY = 2
REPORTS = "SELECT taken_at FROM podcasts_listenerreport ORDER BY taken_at"


@pytest.fixture
def browser(replicas: list[Replica]) -> Iterator[Browser]:
    with Browser([replica.url for replica in replicas]) as browser:
        yield browser


def sign_in(browser: Browser, replica: Replica) -> None:
    fields = {"username": "demo", "password": PASSWORD}
    browser.submit("/accounts/login/", fields, on=replica.url).raise_for_status()


def who(browser: Browser, replica: Replica) -> dict[str, str | None]:
    answer: dict[str, str | None] = browser.get("/whoami/", on=replica.url).json()
    return answer


def test_a_session_made_on_one_replica_is_read_and_ended_on_the_other(
    browser: Browser, replicas: list[Replica]
) -> None:
    a, b = replicas
    assert who(browser, b) == {"user": None, "replica": "b"}
    sign_in(browser, a)
    assert who(browser, b) == {"user": "demo", "replica": "b"}
    assert who(browser, a) == {"user": "demo", "replica": "a"}
    browser.submit("/accounts/logout/", {}, form="/", on=b.url)
    assert who(browser, a) == {"user": None, "replica": "a"}


def test_a_session_outlives_the_redis_in_front_of_it(
    browser: Browser, replicas: list[Replica], own_valkey: Valkey
) -> None:
    a, b = replicas
    sign_in(browser, a)
    own_valkey.process.kill()
    assert who(browser, b) == {"user": "demo", "replica": "b"}


def test_an_upload_to_one_replica_is_downloaded_from_the_other_and_processed(
    browser: Browser, replicas: list[Replica], after: Project
) -> None:
    a, b = replicas
    worker = after.worker("worker")
    worker.start()
    sign_in(browser, a)
    audio = b"RIFF" + secrets.token_bytes(300_000)
    page = browser.submit(
        NEW_EPISODE,
        {"title": "Ferries", "description": "At night."},
        {"audio": ("ferries.wav", audio, "audio/wav")},
        on=a.url,
    )
    assert page.status_code == 200, page.text
    assert browser.get(f"{page.url.path}audio", on=b.url).content == audio
    takes_tasks(worker)
    until(
        lambda: "being measured" not in browser.get(page.url.path, on=b.url).text,
        20,
        f"the worker's result; its log:\n{worker.tail()}",
    )


def test_a_500_is_one_json_line_with_its_traceback(
    browser: Browser, replicas: list[Replica]
) -> None:
    a, b = replicas
    assert browser.get("/boom/", on=a.url).status_code == 500

    def told() -> list[dict[str, str]]:
        return [record for record in records(a.process) if "exc_info" in record]

    (line,) = until(told, 5, "the line")
    assert line["message"] == "Internal Server Error: /boom/"
    assert line["exc_info"].startswith("Traceback (most recent call last):\n")
    assert line["exc_info"].endswith("RuntimeError: Somebody asked for it.")
    assert not [record for record in records(b.process) if "exc_info" in record]


def test_who_is_signed_in_goes_on_when_a_replica_is_killed(
    browser: Browser, replicas: list[Replica]
) -> None:
    a, b = replicas
    sign_in(browser, a)

    def ask(browser: Browser) -> str:
        response = browser.get("/whoami/")
        return "" if response.json()["user"] == "demo" else response.text

    with Traffic([browser], ask, pause=0.005) as traffic:
        until(lambda: traffic.recording().answered > 20, 20, "traffic")
        family = [process.pid for process in a.process.tree()]
        a.process.kill()
        killed_at = traffic.recording().answered
        until(lambda: traffic.recording().answered > killed_at + 100, 20, "traffic without it")
    assert len(family) >= 2
    until(lambda: all(map(gone, family)), 5, "the end of its workers")
    # At most the one that the replica had in hand.
    assert traffic.recording().failed().total() <= 1, traffic.recording().failed()
    assert who(browser, b)["user"] == "demo"


def test_two_beats_fire_once_and_a_killed_one_is_replaced(
    after: Project, shared_postgres: Postgres
) -> None:
    """The job is due every 2 s; the lock lasts 10 s and is looked for every second."""
    worker = after.worker("worker")
    beats = [after.beat("beat-1"), after.beat("beat-2")]
    for process in (worker, *beats):
        process.start()
    takes_tasks(worker)
    known = len(shared_postgres.execute(REPORTS, "castaway"))

    def gaps() -> list[float]:
        taken = [at for (at,) in shared_postgres.execute(REPORTS, "castaway")][known:]
        return [(b - a).total_seconds() for a, b in itertools.pairwise(taken)]

    until(lambda: len(gaps()) >= 3, 30, f"four reports; a beat's log:\n{beats[0].tail()}")
    assert min(gaps()) > EVERY / 2, gaps()
    (leader,) = [beat for beat in beats if leads(beat)]
    (standby,) = [beat for beat in beats if beat is not leader]
    began = time.monotonic()
    leader.kill()
    until(lambda: leads(standby), 15, f"the standby's lead; its log:\n{standby.tail()}")
    assert 1 < time.monotonic() - began <= 13
    count = len(gaps())
    until(lambda: len(gaps()) >= count + 2, 15, "the standby's reports")
    assert min(gaps()) > EVERY / 2, gaps()


def test_a_beat_that_is_asked_to_end_is_replaced_at_once(after: Project) -> None:
    beats = [after.beat("beat-1"), after.beat("beat-2")]
    beats[0].start()
    until(lambda: leads(beats[0]), 30, "a beat that leads")
    beats[1].start()
    until(lambda: "standing by" in beats[1].tail(), 30, "a beat that stands by")
    assert beats[0].stop(10)
    began = time.monotonic()
    until(lambda: leads(beats[1]), 15, "its successor")
    assert time.monotonic() - began < 8  # an abandoned lock would last 10


def test_before_its_migrations_it_is_not_started_up(
    after: Project, shared_postgres: Postgres, new_database: Callable[[], str]
) -> None:
    url = shared_postgres.url(new_database())
    replica = after.replica("early", environment={"DATABASE_URL": url})
    replica.start()
    replica.wait("/livez")
    with Browser([replica.url]) as browser:
        assert browser.get("/startupz").status_code == 503
        assert browser.get("/readyz").status_code == 503


def test_it_starts_and_serves_without_redis(after: Project, own_valkey: Valkey) -> None:
    own_valkey.stop()
    replica = after.replica("alone")
    replica.start()
    replica.wait("/livez")
    with Browser([replica.url]) as browser:
        assert browser.get("/").status_code == 200
        sign_in(browser, replica)
        assert who(browser, replica)["user"] == "demo"
